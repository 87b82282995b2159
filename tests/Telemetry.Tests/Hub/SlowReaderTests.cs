using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

internal sealed class SlowReaderTests
{
    private const int Capacity = 8;

    private readonly TestHub _test = new();

    [Test]
    public async Task SlowReader_LosesTheOldest_AndIsToldOnceHowManyAndWhich()
    {
        using var stream = _test.Open(capacity: Capacity);
        _test.Time.Advance(99 * TestHub.Second);
        var events = await _test.CloseAndReadAsync(stream);

        // The opening is 1, the hundred heartbeats are 2 to 101, and the last eight of them are there.
        Assert.That(events.Select(e => e.Payload).OfType<Gap>(), Is.EqualTo(new[] { new Gap(GapCause.SlowReader, 92, 2, 93) }));
        Assert.That(events[1].Payload, Is.TypeOf<Gap>(), "the gap is where the events were");
        Assert.That(TestHub.HeartbeatsIn(events).Select(h => h.Sequence), Is.EqualTo(Enumerable.Range(93, 8).Select(i => (ulong)i)));
    }

    [Test]
    public async Task SlowReader_EventNumbers_StillGrow()
    {
        using var stream = _test.Open(capacity: Capacity);
        _test.Time.Advance(99 * TestHub.Second);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending);
        Assert.That(events.Select(e => e.Sequence), Is.Unique);
    }

    [Test]
    public async Task SlowReader_ThatIsSlowTwice_IsToldTwiceAndNothingIsMissed()
    {
        using var stream = _test.Open(capacity: Capacity);
        var events = new List<TelemetryEvent>();
        await using var reader = stream.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        _test.Time.Advance(19 * TestHub.Second);
        await ReadAsync(1 + 1 + 3);
        _test.Time.Advance(20 * TestHub.Second);
        await ReadAsync(1 + Capacity);

        var gaps = events.Select(e => e.Payload).OfType<Gap>().ToList();
        Assert.That(gaps, Has.Count.EqualTo(2));
        AssertAccounted(events, heartbeats: 40);

        async Task ReadAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.That(await reader.MoveNextAsync());
                events.Add(reader.Current);
            }
        }
    }

    [Test]
    public async Task SlowReader_LossWhileItReadsOn_IsToldAfterWhatWasBeforeIt()
    {
        using var stream = _test.Open(capacity: 2);
        await using var reader = stream.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        var events = new List<TelemetryEvent>();
        _test.Time.Advance(TimeSpan.Zero);
        for (var i = 0; i < 2; i++)
        {
            // The opening and the first heartbeat.
            Assert.That(await reader.MoveNextAsync());
            events.Add(reader.Current);
        }

        _test.Time.Advance(3 * TestHub.Second);
        _test.Hub.Close();
        while (await reader.MoveNextAsync())
        {
            events.Add(reader.Current);
        }

        Assert.That(
            events.Select(e => e.Payload.GetType()),
            Is.EqualTo(new[] { typeof(StreamOpened), typeof(HeartbeatEvent), typeof(Gap), typeof(HeartbeatEvent), typeof(HeartbeatEvent) }));
        AssertAccounted(events, heartbeats: 4);
    }

    [Test]
    public async Task SlowReader_DoesNotDisturbOthers()
    {
        using var slow = _test.Open(capacity: 1);
        using var quick = _test.Open();
        _test.Time.Advance(99 * TestHub.Second);
        var events = await _test.CloseAndReadAsync(quick);
        Assert.That(TestHub.HeartbeatsIn(events).ToList(), Has.Count.EqualTo(100));
        Assert.That(events.Select(e => e.Payload).OfType<Gap>(), Is.Empty);
    }

    [Test]
    public async Task ReaderAndWriterAtOnce_EveryHeartbeatIsDeliveredOrTold()
    {
        const int Seconds = 20_000;
        using var stream = _test.Open(capacity: 16);
        var reading = Task.Run(() => TestHub.ReadAsync(stream));
        _test.Time.Advance(Seconds * TestHub.Second);
        _test.Hub.Close();
        AssertAccounted(await reading, Seconds + 1);
    }

    [Test]
    public void SlowReader_ThatNeverReads_HoldsNoMoreThanItsQueue()
    {
        using var stream = _test.Open(capacity: Capacity);
        var first = FirstHeartbeat();

        _test.Time.Advance(100 * TestHub.Second);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(first.IsAlive, Is.False, "what was lost is held by nobody");
        GC.KeepAlive(stream);
    }

    /// <summary>The wall clock's reading of the first heartbeat, as an object that only the event holds.</summary>
    private WeakReference FirstHeartbeat()
    {
        var status = new Core.Model.AgentStatus(Core.Model.AgentState.Serving, 1, 1);
        _test.Status = status;
        _test.Time.Advance(TimeSpan.Zero);
        _test.Status = new Core.Model.AgentStatus(Core.Model.AgentState.Serving, 2, 2);
        return new WeakReference(status);
    }

    /// <summary>Delivered and lost heartbeats, in order, are all that were made; numbers grow.</summary>
    private static void AssertAccounted(IReadOnlyList<TelemetryEvent> events, int heartbeats)
    {
        ulong next = 1;
        ulong number = 0;
        foreach (var happened in events)
        {
            Assert.That(happened.Sequence, Is.GreaterThan(number));
            number = happened.Sequence;
            switch (happened.Payload)
            {
                case Gap gap:
                    // One stream only: every number is one of its events, and the opening had the first.
                    Assert.That(gap.FirstSequence, Is.EqualTo(next + 1));
                    Assert.That(gap.LastSequence - gap.FirstSequence + 1, Is.EqualTo(gap.Lost));
                    next += gap.Lost!.Value;
                    break;
                case HeartbeatEvent heartbeat:
                    Assert.That(heartbeat.Heartbeat.Sequence, Is.EqualTo(next));
                    next++;
                    break;
            }
        }

        Assert.That(next, Is.EqualTo((ulong)heartbeats + 1));
    }
}
