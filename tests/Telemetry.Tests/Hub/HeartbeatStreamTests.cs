using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

internal sealed class HeartbeatStreamTests
{
    private readonly TestHub _test = new();

    [TestCase(0.1, 1, 11)]
    [TestCase(1, 10, 11)]
    [TestCase(10, 9, 1)]
    [TestCase(10, 10, 2)]
    public async Task Heartbeats_ComeAtOnceAndThenEveryInterval(double interval, double passed, int expected)
    {
        using var stream = _test.Open(TimeSpan.FromSeconds(interval));
        _test.Time.Advance(TimeSpan.FromSeconds(passed));
        var heartbeats = TestHub.HeartbeatsIn(await _test.CloseAndReadAsync(stream)).ToList();
        Assert.That(heartbeats, Has.Count.EqualTo(expected));
        Assert.That(heartbeats.Select(h => h.Sequence), Is.EqualTo(Enumerable.Range(1, expected).Select(i => (ulong)i)), "no holes");
        Assert.That(
            heartbeats.Select(h => h.Moment.Wall - ManualTime.Start),
            Is.EqualTo(Enumerable.Range(0, expected).Select(i => i * TimeSpan.FromSeconds(interval))));
        Assert.That(heartbeats.Select(h => h.Interval), Is.All.EqualTo(TimeSpan.FromSeconds(interval)));
    }

    [Test]
    public async Task Heartbeats_OfTwoStreams_AreCountedEachForItself()
    {
        using var one = _test.Open();
        _test.Time.Advance(5 * TestHub.Second);
        using var other = _test.Open();
        _test.Time.Advance(TestHub.Second);
        var events = await _test.CloseAndReadAsync(other);
        Assert.That(TestHub.HeartbeatsIn(events).Select(h => h.Sequence), Is.EqualTo(new[] { 1ul, 2ul }));
    }

    [Test]
    public async Task Heartbeats_SayTheStatusOfTheirMoment()
    {
        using var stream = _test.Open();
        _test.Time.Advance(TimeSpan.Zero);
        _test.Status = new AgentStatus(AgentState.Degraded, 4, 2);
        _test.Time.Advance(TestHub.Second);
        Assert.That(
            TestHub.HeartbeatsIn(await _test.CloseAndReadAsync(stream)).Select(h => h.Status.State),
            Is.EqualTo(new[] { AgentState.Serving, AgentState.Degraded }));
    }

    [Test]
    public async Task Heartbeats_NotAskedFor_DoNotCome()
    {
        using var stream = _test.Hub.Open([new Subscription(Topic.Link, null, [])]);
        _test.Time.Advance(10 * TestHub.Second);
        Assert.That(await _test.CloseAndReadAsync(stream), Has.Count.EqualTo(1), "the opening");
    }

    [Test]
    public async Task Sequence_OfEvents_GrowsInEveryStreamAndIsNeverUsedTwice()
    {
        using var one = _test.Open();
        using var other = _test.Open(TimeSpan.FromSeconds(0.3));
        _test.Time.Advance(10 * TestHub.Second);
        _test.Hub.Close();
        var (first, second) = (Numbers(await TestHub.ReadAsync(one)), Numbers(await TestHub.ReadAsync(other)));
        Assert.That(first, Is.Ordered.Ascending);
        Assert.That(second, Is.Ordered.Ascending);
        Assert.That(first.Concat(second), Is.Unique);
    }

    [Test]
    public async Task Heartbeats_TimersFiringAtOnceOnManyThreads_StayInOrder()
    {
        // A pool that was busy runs several ticks of one timer at the same time.
        using var stream = _test.Open(capacity: 100_000);
        var ticking = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                _test.Time.Advance(TestHub.Second);
            }
        }));
        await Task.WhenAll(ticking);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Numbers(events), Is.Ordered.Ascending);
        Assert.That(TestHub.HeartbeatsIn(events).Select((h, i) => h.Sequence - (ulong)i), Is.All.EqualTo(1ul));
    }

    private static ulong[] Numbers(IEnumerable<TelemetryEvent> events) => [.. events.Select(e => e.Sequence)];
}
