using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>What a stream begins with.</summary>
internal sealed class OpeningTests
{
    private readonly TestHub _test = new();

    [Test]
    public async Task Open_FirstEvent_SaysWhatWasUnderstood()
    {
        Subscription[] asked = [TestHub.Heartbeats(TestHub.Second), new(Topic.Link, null, ["vnet3"])];
        using var stream = _test.Hub.Open(asked);
        var first = (await _test.CloseAndReadAsync(stream)).Single();
        Assert.That(first.Sequence, Is.EqualTo(1));
        Assert.That(first.Payload, Is.EqualTo(new StreamOpened(_test.Run.InstanceId, asked, OldestRetained: 0, NewestSequence: 0)));
    }

    [Test]
    public async Task Open_Later_KnowsTheNewestEvent()
    {
        using var early = _test.Open();
        _test.Time.Advance(TestHub.Second);
        using var late = _test.Open();
        var opened = (StreamOpened)(await TestHub.ReadAsync(late, most: 1)).Single().Payload;
        Assert.That(opened.NewestSequence, Is.EqualTo(3), "its own opening, and two heartbeats");
    }

    [Test]
    public async Task Open_SlowFromTheStart_OpeningIsNotLost()
    {
        using var stream = _test.Open(capacity: 1);
        _test.Time.Advance(10 * TestHub.Second);
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(events[0].Payload, Is.TypeOf<StreamOpened>());
        Assert.That(events[1].Payload, Is.TypeOf<Gap>());
    }

    [Test]
    public async Task Open_ResumedFromAnotherRun_IsToldOfTheRestart()
    {
        using var stream = _test.Hub.Open([TestHub.Heartbeats(TestHub.Second)], new ResumePoint(17, "another"));
        var events = await _test.CloseAndReadAsync(stream);
        Assert.That(events.Select(e => e.Payload).Skip(1), Is.EqualTo(new[] { new Gap(GapCause.AgentRestarted, null, 0, 0) }));
    }

    [Test]
    public async Task Open_ResumedFromThisRun_HasNoGap([Values] bool named)
    {
        using var stream = _test.Hub.Open([TestHub.Heartbeats(TestHub.Second)], new ResumePoint(0, named ? _test.Run.InstanceId : ""));
        Assert.That(await _test.CloseAndReadAsync(stream), Has.Count.EqualTo(1));
    }
}
