using Cloudbr.Agent.Rpc.Client;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Client;

internal sealed class ReconnectBackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();

    [Test]
    public void Remaining_BeforeAnyFailure_IsZero() => Assert.That(Backoff().Remaining, Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void Remaining_AfterFailuresInARow_GrowsUpToTheMaximumWithAFifthOfJitter()
    {
        var backoff = Backoff();
        foreach (var expected in new[] { 1, 1.6, 2.56, 4.096, 5, 5, 5 })
        {
            backoff.Failed(backoff.Attempt, new IOException("no"));

            Assert.That(backoff.Remaining.TotalSeconds, Is.InRange((expected * 0.8) - 0.001, (expected * 1.2) + 0.001));
            _time.Advance(backoff.Remaining);
            Assert.That(backoff.Remaining, Is.EqualTo(TimeSpan.Zero));
        }
    }

    [Test]
    public void Remaining_WithoutAMaximum_GoesOnGrowing()
    {
        var backoff = new ReconnectBackoff(Second, null, _time);
        for (var i = 0; i < 20; i++)
        {
            backoff.Failed(backoff.Attempt, new IOException("no"));
        }

        Assert.That(backoff.Remaining, Is.GreaterThan(TimeSpan.FromHours(1)));
    }

    [Test]
    public void Remaining_WithAMaximumBelowTheFirst_IsTheMaximum()
    {
        var backoff = new ReconnectBackoff(10 * Second, Second, _time);

        backoff.Failed(backoff.Attempt, new IOException("no"));

        Assert.That(backoff.Remaining, Is.LessThanOrEqualTo(1.2 * Second));
    }

    [Test]
    public void Remaining_OfManyClients_Differs()
    {
        var pauses = Enumerable.Range(0, 50).Select(_ =>
        {
            var backoff = Backoff();
            backoff.Failed(backoff.Attempt, new IOException("no"));
            return backoff.Remaining;
        });

        Assert.That(pauses.Distinct().Count(), Is.GreaterThan(25));
    }

    [Test]
    public void Failed_SeveralCallsOfOneAttempt_CountsOnce()
    {
        var backoff = Backoff();
        var attempt = backoff.Attempt;
        for (var i = 0; i < 100; i++)
        {
            backoff.Failed(attempt, new IOException("no"));
        }

        Assert.That(backoff.Remaining, Is.LessThanOrEqualTo(1.2 * Second));
        Assert.That(backoff.Attempt, Is.EqualTo(attempt + 1));
    }

    [Test]
    public void Succeeded_AfterFailures_BeginsAnew()
    {
        var backoff = Backoff();
        for (var i = 0; i < 5; i++)
        {
            backoff.Failed(backoff.Attempt, new IOException("no"));
        }

        backoff.Succeeded();
        Assert.That(backoff.Remaining, Is.EqualTo(TimeSpan.Zero));

        backoff.Failed(backoff.Attempt, new IOException("no"));
        Assert.That(backoff.Remaining, Is.LessThanOrEqualTo(1.2 * Second));
    }

    [Test]
    public void Status_WithinTheBackoff_IsUnavailableAndSaysWhyAndHowLong()
    {
        var backoff = Backoff();
        backoff.Failed(backoff.Attempt, new IOException("nobody listens"));

        var status = backoff.Status();

        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(status.Detail, Does.Contain("nobody listens").And.Match("another [0-9.]+ s"));
    }

    private ReconnectBackoff Backoff() => new(Second, 5 * Second, _time);

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
