using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>What is kept, and what a reader is told of what is not.</summary>
internal sealed class RetentionTests
{
    private const int Kept = 10;

    private readonly TestHub _test = new(new Retention(Kept, long.MaxValue));

    [Test]
    public async Task Resume_FromWhatIsNoLongerRetained_IsToldWhichAndGetsTheRest()
    {
        Publish(25);
        using var stream = Resume(3);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(((StreamOpened)events[0].Payload).OldestRetained, Is.EqualTo(16));
        Assert.That(events[1].Payload, Is.EqualTo(new Gap(GapCause.NotRetained, null, 4, 15)));
        Assert.That(events[1].Sequence, Is.EqualTo(15), "it stands where the events were");
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(Enumerable.Range(16, Kept)));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [TestCase(14ul, 1)]
    [TestCase(15ul, 0)]
    public async Task Resume_AtTheEdge_IsToldOnlyIfSomethingIsMissing(ulong after, int gaps)
    {
        Publish(25);
        using var stream = Resume(after);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.GapsIn(events), Has.Length.EqualTo(gaps));
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(Enumerable.Range(16, Kept)));
    }

    [Test]
    public async Task Resume_WhatWasForgottenWasOfAnotherTopic_IsNoGap()
    {
        _test.Hub.Publish(Samples.Finding(new Core.Model.ObjectRef(Core.Model.ObjectKind.Host)));
        Publish(25);
        using var findings = _test.Hub.Open([new Subscription(Topic.Finding, null, [])], new ResumePoint(1, _test.Run.InstanceId));
        Assert.That(Samples.GapsIn(await _test.CloseAndReadAsync(findings)), Is.Empty);
    }

    [Test]
    public async Task SlowReader_OfWhatIsRetained_IsToldHowManyAndWhich()
    {
        using var stream = _test.Hub.Open(TestHub.Retained);
        Publish(25);
        var events = await _test.CloseAndReadAsync(stream);

        // The opening is 1, the drifts are 2 to 26, and the last ten of them are there.
        Assert.That(Samples.GapsIn(events), Is.EqualTo(new[] { new Gap(GapCause.SlowReader, 15, 2, 16) }));
        Assert.That(events[1].Sequence, Is.EqualTo(16));
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(Enumerable.Range(16, Kept)));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task SlowReader_OnlyOfSomeThings_IsToldOfThoseOnly()
    {
        using var stream = _test.Hub.Open([new Subscription(Topic.Drift, null, ["3", "7", "20"])]);
        Publish(25);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.GapsIn(events), Is.EqualTo(new[] { new Gap(GapCause.SlowReader, 2, 4, 8) }));
        Assert.That(Samples.DriftsIn(events), Is.EqualTo(new[] { 20 }));
    }

    [Test]
    public async Task SlowReader_OfHeartbeatsAndOfWhatIsRetained_NumbersStillGrow()
    {
        using var stream = _test.Hub.Open([.. TestHub.Retained, TestHub.Heartbeats(TestHub.Second)], queueCapacity: 4);
        for (var i = 0; i < 30; i++)
        {
            Publish(1);
            _test.Time.Advance(TestHub.Second);
        }

        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(Samples.GapsIn(events), Has.Length.EqualTo(2));
        Assert.That(Samples.GapsIn(events).Sum(g => (long)g.Lost!.Value), Is.EqualTo(30 - Kept + 31 - 4));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task SlowReader_WhileOthersPublish_EveryEventIsDeliveredOrTold()
    {
        const int Count = 30_000;
        using var stream = _test.Hub.Open(TestHub.Retained);
        var reading = Task.Run(() => TestHub.ReadAsync(stream));
        Publish(Count);
        _test.Hub.Close();
        var events = await reading;
        ulong next = 2;
        foreach (var happened in events.Skip(1))
        {
            if (happened.Payload is Gap gap)
            {
                Assert.That((gap.FirstSequence, gap.LastSequence - gap.FirstSequence + 1), Is.EqualTo((next, gap.Lost!.Value)));
                next = gap.LastSequence;
            }

            Assert.That(happened.Sequence, Is.EqualTo(next));
            next++;
        }

        Assert.That(next, Is.EqualTo(Count + 2));
    }

    [Test]
    public async Task Bytes_LargeEvents_MakeRoomForOneAnother()
    {
        var report = Samples.Report([.. Enumerable.Range(0, 100).Select(i => Samples.Step(i))]);
        var size = RetainedEvent.Of(report, []).Bytes;
        var test = new TestHub(new Retention(1000, 3 * size));
        for (var i = 0; i < 10; i++)
        {
            test.Hub.Publish(report);
        }

        using var stream = test.Hub.Open(TestHub.Retained, new ResumePoint(0, test.Run.InstanceId));
        var events = await test.CloseAndReadAsync(stream);
        Assert.That(Samples.GapsIn(events), Is.EqualTo(new[] { new Gap(GapCause.NotRetained, null, 1, 7) }));
        Assert.That(events.Count(e => e.Payload is ChangeEvent), Is.EqualTo(3));
    }

    [Test]
    public async Task Bytes_OneEventLargerThanAll_IsKeptAlone()
    {
        var test = new TestHub(new Retention(1000, 1));
        test.Hub.Publish(Samples.Drift(1));
        test.Hub.Publish(Samples.Drift(2));
        using var stream = test.Hub.Open(TestHub.Retained, new ResumePoint(1, test.Run.InstanceId));
        Assert.That(Samples.DriftsIn(await test.CloseAndReadAsync(stream)), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Forgotten_IsHeldByNobody()
    {
        using var stream = _test.Hub.Open(TestHub.Retained);
        var first = PublishOne();
        Publish(Kept);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(first.IsAlive, Is.False);
        GC.KeepAlive(stream);
    }

    [Test]
    public async Task KernelOverrun_IsToldToThoseWhoFollowLinksPortsOrDrift_WhateverTheyNarrowed()
    {
        using var drifts = _test.Hub.Open([new Subscription(Topic.Drift, null, ["n1"])]);
        using var links = _test.Hub.Open([new Subscription(Topic.Link, null, [])]);
        using var ports = _test.Hub.Open([new Subscription(Topic.Port, null, [])]);
        using var changes = _test.Hub.Open([new Subscription(Topic.Change, null, [])]);
        _test.Hub.PublishKernelOverrun();
        _test.Hub.Close();
        Gap[] overrun = [new(GapCause.KernelOverrun, null, 0, 0)];
        Assert.That(Samples.GapsIn(await TestHub.ReadAsync(drifts)), Is.EqualTo(overrun));
        Assert.That(Samples.GapsIn(await TestHub.ReadAsync(links)), Is.EqualTo(overrun));
        Assert.That(Samples.GapsIn(await TestHub.ReadAsync(ports)), Is.EqualTo(overrun));
        Assert.That(Samples.GapsIn(await TestHub.ReadAsync(changes)), Is.Empty);
    }

    [Test]
    public async Task Reader_ThatWaits_IsWokenByWhatHappens()
    {
        using var stream = _test.Hub.Open(TestHub.Retained);
        await using var reader = stream.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        await reader.MoveNextAsync();
        for (var i = 1; i <= 100; i++)
        {
            var waiting = reader.MoveNextAsync().AsTask();
            Assert.That(waiting.IsCompleted, Is.False, "there is nothing yet");
            _test.Hub.Publish(Samples.Report());
            Assert.That(await waiting.WaitAsync(TestHub.Limit));
            Assert.That(reader.Current.Payload, Is.TypeOf<ChangeEvent>());
        }
    }

    [Test]
    public async Task Publish_AfterClose_IsNothing()
    {
        using var stream = _test.Hub.Open(TestHub.Retained);
        _test.Hub.Close();
        Publish(3);
        Assert.That(await TestHub.ReadAsync(stream), Has.Count.EqualTo(1));
    }

    [Test]
    public void Sent_IsWhatHasASource() =>
        Assert.That(TelemetryHub.Sent, Is.EquivalentTo(new[] { Topic.Heartbeat, Topic.Change, Topic.Drift, Topic.Finding, Topic.Port }));

    private WeakReference PublishOne()
    {
        var report = Samples.Report(Samples.Step(1));
        _test.Hub.Publish(report);
        return new WeakReference(report);
    }

    private Subscriber Resume(ulong after) => _test.Hub.Open(TestHub.Retained, new ResumePoint(after, _test.Run.InstanceId));

    private void Publish(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            _test.Hub.Publish(Samples.Drift(i));
        }
    }
}
