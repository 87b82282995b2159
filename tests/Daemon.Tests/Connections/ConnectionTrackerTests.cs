using Cloudbr.Agent.Daemon.Connections;

namespace Cloudbr.Agent.Daemon.Tests.Connections;

internal sealed class ConnectionTrackerTests
{
    private readonly Clock _clock = new();
    private readonly List<string> _changed = [];
    private readonly ConnectionTracker _tracker;

    public ConnectionTrackerTests()
    {
        _tracker = new ConnectionTracker(_clock);
        _tracker.Changed += identity => _changed.Add($"{identity} {_tracker[identity].Open}");
    }

    [Test]
    public void LastConnection_IsTheOneThatIsMissed()
    {
        var (first, second) = (_tracker.Open("CN=a"), _tracker.Open("CN=a"));
        _tracker.Open("CN=b");
        first.Dispose();
        first.Dispose();
        Assert.That(_tracker.LostFor("CN=a"), Is.Null, "one is left");
        second.Dispose();
        _clock.Seconds += 7;
        Assert.That(_tracker.LostFor("CN=a"), Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That((_tracker.LostFor("CN=b"), _tracker.LostFor("CN=c")), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
        Assert.That(_changed, Is.EqualTo(new[] { "CN=a 1", "CN=a 2", "CN=b 1", "CN=a 1", "CN=a 0" }));
    }

    [Test]
    public void WhoComesBack_IsMissedNoMore()
    {
        _tracker.Open("CN=a").Dispose();
        using var again = _tracker.Open("CN=a");
        Assert.That((_tracker["CN=a"].Open, _tracker.LostFor("CN=a")), Is.EqualTo((1, (TimeSpan?)null)));
    }

    [Test]
    public void ThoseWhoLeft_AreForgottenInTheEnd_TheOldestFirst()
    {
        using var stays = _tracker.Open("stays");
        for (var i = 0; i < ConnectionTracker.MostLost + 2; i++)
        {
            _clock.Seconds++;
            _tracker.Open($"{i}").Dispose();
        }

        Assert.That(Enumerable.Range(0, ConnectionTracker.MostLost + 2).Where(i => _tracker.LostFor($"{i}") is null), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(_tracker["stays"].Open, Is.EqualTo(1));
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; } = 1;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
