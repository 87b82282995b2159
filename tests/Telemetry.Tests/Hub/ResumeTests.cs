using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>What a reader who comes back gets.</summary>
internal sealed class ResumeTests
{
    private readonly TestHub _test = new();

    [Test]
    public async Task Resume_WhatWasMissed_ComesInOrder_ThenWhatIsNew()
    {
        Publish(1, 5);
        using var stream = Resume(2);
        Publish(6, 8);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(new[] { 3, 4, 5, 6, 7, 8 }));
        Assert.That(Samples.GapsIn(events), Is.Empty);
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task Resume_FirstEvent_SaysWhatIsRetainedAndStandsWhereTheReaderWas()
    {
        Publish(1, 5);
        using var stream = Resume(2);
        var first = (await _test.CloseAndReadAsync(stream))[0];
        Assert.That(first.Payload, Is.EqualTo(new StreamOpened(_test.Run.InstanceId, TestHub.Retained, OldestRetained: 1, NewestSequence: 5)));
        Assert.That(first.Sequence, Is.EqualTo(2));
    }

    [Test]
    public async Task Resume_WithNothingMissed_HasOnlyWhatIsNew()
    {
        Publish(1, 5);
        using var stream = Resume(5);
        Publish(6, 6);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(new[] { 6 }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique.And.All.GreaterThan(5));
    }

    [Test]
    public async Task NoResume_OnlyWhatIsNew()
    {
        Publish(1, 5);
        using var stream = _test.Hub.Open(TestHub.Retained);
        Publish(6, 6);
        Assert.That(Samples.DriftsIn(await _test.CloseAndReadAsync(stream)), Is.EqualTo(new[] { 6 }));
    }

    [Test]
    public async Task Resume_HeartbeatsBeside_ComeAfterWhatWasMissed()
    {
        Publish(1, 3);
        using var stream = _test.Hub.Open([.. TestHub.Retained, TestHub.Heartbeats(TestHub.Second)], new ResumePoint(0, _test.Run.InstanceId));
        _test.Time.Advance(TestHub.Second);
        Publish(4, 4);
        _test.Time.Advance(TestHub.Second);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(
            events.Select(e => e.Payload.GetType().Name),
            Is.EqualTo(new[] { "StreamOpened", "DriftEvent", "DriftEvent", "DriftEvent", "HeartbeatEvent", "HeartbeatEvent", "DriftEvent", "HeartbeatEvent" }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task Resume_FromAnotherRun_IsToldAndGetsEverythingRetained()
    {
        Publish(1, 3);
        using var stream = _test.Hub.Open(TestHub.Retained, new ResumePoint(1000, "another"));
        Publish(4, 4);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(events[1].Payload, Is.EqualTo(new Gap(GapCause.AgentRestarted, null, 0, 0)));
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending);
    }

    [Test]
    public async Task Resume_FromANumberThatThisRunNeverGaveOut_WasOfAnotherRun()
    {
        Publish(1, 3);
        using var stream = _test.Hub.Open(TestHub.Retained, new ResumePoint(1000, ""));
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.GapsIn(events), Is.EqualTo(new[] { new Gap(GapCause.AgentRestarted, null, 0, 0) }));
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Resume_AfterwardsByTheLastNumberSeen_FromAnyPoint_MissesNothing()
    {
        // Whatever event a reader was interrupted after, its number is the one to go on after: also that of the opening.
        Publish(1, 4);
        for (var read = 1; read <= 4; read++)
        {
            using var first = Resume(1);
            var seen = await TestHub.ReadAsync(first, most: read);
            using var second = Resume(seen[^1].Sequence);
            var rest = await TestHub.ReadAsync(second, most: 1 + 4 - read);
            Assert.That(Samples.DriftsIn(seen).Concat(Samples.DriftsIn(rest)), Is.EqualTo(new[] { 2, 3, 4 }), $"after {read} events");
        }
    }

    [Test]
    public async Task Resume_WhileManyPublish_HasNoHoleAndNoDouble()
    {
        const int Publishers = 6;
        const int Each = 2_000;
        var test = new TestHub(new Retention(Publishers * Each, long.MaxValue));
        using var start = new Barrier(Publishers + 1);
        var publishing = Enumerable.Range(0, Publishers).Select(p => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < Each; i++)
                {
                    test.Hub.Publish(Samples.Drift((p * Each) + i));
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();

        // One reader that leaves and comes back again and again, until it has seen everything, and one that just reads.
        using var steady = test.Hub.Open(TestHub.Retained, new ResumePoint(0, test.Run.InstanceId));
        var following = TestHub.ReadAsync(steady);
        start.SignalAndWait();
        var seen = new List<TelemetryEvent>();
        ulong last = 0;
        while (seen.Count < Publishers * Each)
        {
            using var stream = test.Hub.Open(TestHub.Retained, new ResumePoint(last, test.Run.InstanceId));
            var part = await TestHub.ReadAsync(stream, most: 1 + Math.Min(97, (Publishers * Each) - seen.Count)).WaitAsync(TestHub.Limit);
            Assert.That(Samples.GapsIn(part), Is.Empty);
            last = part[^1].Sequence;
            seen.AddRange(part.Skip(1));
        }

        await Task.WhenAll(publishing);
        test.Hub.Close();
        var all = (await following.WaitAsync(TestHub.Limit)).Where(e => e.Payload is DriftEvent).ToList();
        Assert.That(Samples.DriftsIn(seen), Is.EquivalentTo(Enumerable.Range(0, Publishers * Each)));
        Assert.That(seen, Is.EqualTo(all), "both saw the same events in the same order");
        Assert.That(all.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
        foreach (var publisher in Enumerable.Range(0, Publishers))
        {
            Assert.That(Samples.DriftsIn(seen).Where(n => n / Each == publisher), Is.Ordered.Ascending, "each publisher's in its own order");
        }
    }

    private Subscriber Resume(ulong after) => _test.Hub.Open(TestHub.Retained, new ResumePoint(after, _test.Run.InstanceId));

    private void Publish(int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            _test.Hub.Publish(Samples.Drift(i));
        }
    }
}
