using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Daemon.Observers;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Daemon.Tests.Observers;

/// <summary>What the dataplane does, as streams get it.</summary>
internal sealed class DataplaneEventsTests
{
    private static readonly ChangeReport Report = new()
    {
        RequestId = "r", Outcome = ChangeOutcome.Unchanged, Generation = 1, PreviousGeneration = 1, AcceptedAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly Failure Failure = new() { Operation = "o", Subject = new ObjectRef(ObjectKind.Host), Reason = "R", Message = "m" };

    private static readonly PortDesign Port = new(
        new Port { NicId = "nic-1", Network = "web", Mac = MacAddress.Parse("02:00:00:00:00:01") }, "brvx-101", "vnet3", 1450, PortPresence.Attached);

    private readonly TelemetryHub _hub = new(new AgentRun("boot", () => new AgentStatus(AgentState.Serving, 0, 0), TimeProvider.System));

    [Test]
    public async Task EachThing_IsTheEventOfItsTopic_InOrder()
    {
        using var stream = Open();
        var events = new DataplaneEvents(_hub);
        events.Changed(Report, new ChangeOptions("r"), new Resync());
        events.Drifted(DriftMappingTests.Sample);
        events.Found(FindingMappingTests.Sample);
        events.PortMoved(Port with { Presence = PortPresence.Waiting }, Port, TimeSpan.FromMilliseconds(3));
        events.ReadAnew(7, TimeSpan.FromSeconds(1));
        Assert.That(await PayloadsAsync(stream), Is.EqualTo(new EventPayload[]
        {
            new ChangeEvent(Report),
            new DriftEvent(DriftMappingTests.Sample),
            new FindingEvent(FindingMappingTests.Sample),
            new PortEvent("nic-1", PortPresence.Waiting, PortPresence.Attached, "vnet3", "brvx-101", 1450, TimeSpan.FromMilliseconds(3)),
            new Gap(GapCause.KernelOverrun, null, 0, 0),
        }));
    }

    [TestCase(ChangeOutcome.Applied)]
    [TestCase(ChangeOutcome.Unchanged)]
    [TestCase(ChangeOutcome.AwaitingConfirm)]
    [TestCase(ChangeOutcome.FailedUndone)]
    [TestCase(ChangeOutcome.FailedIncomplete)]
    public async Task Change_HoweverItEnded_IsTold(ChangeOutcome outcome)
    {
        using var stream = Open();
        new DataplaneEvents(_hub).Changed(Report with { Outcome = outcome, Failures = [Failure] }, new ChangeOptions("r"), new Resync());
        Assert.That((await PayloadsAsync(stream)).Cast<ChangeEvent>().Single().Report.Outcome, Is.EqualTo(outcome));
    }

    [Test]
    public async Task DryRun_IsNothingThatHappened()
    {
        using var stream = Open();
        new DataplaneEvents(_hub).Changed(Report with { Outcome = ChangeOutcome.Planned }, new ChangeOptions("r") { DryRun = true }, new Resync());
        Assert.That(await PayloadsAsync(stream), Is.Empty);
    }

    [TestCase("web", 2)]
    [TestCase("cloudbr0", 1)]
    [TestCase("db", 0)]
    public async Task Change_WithoutAStep_StillConcernsItsNetwork(string only, int count)
    {
        using var stream = Open(only);
        var events = new DataplaneEvents(_hub);
        var network = new Network { Id = "web", PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() };
        events.Changed(Report, new ChangeOptions("r"), new PutNetwork(network));
        events.Changed(Report, new ChangeOptions("r"), new RemoveNetwork("web"));
        Assert.That(await PayloadsAsync(stream), Has.Length.EqualTo(count));
    }

    [TestCase("nic-1", 2)]
    [TestCase("web", 1)]
    [TestCase("nic-2", 0)]
    public async Task Change_WithoutAStep_StillConcernsItsPort(string only, int count)
    {
        using var stream = Open(only);
        var events = new DataplaneEvents(_hub);
        var port = new Port { NicId = "nic-1", Network = "web", Mac = MacAddress.Parse("02:00:00:00:00:01") };
        events.Changed(Report, new ChangeOptions("r"), new PutPort(port, []));
        events.Changed(Report, new ChangeOptions("r"), new RemovePort("nic-1"));
        Assert.That(await PayloadsAsync(stream), Has.Length.EqualTo(count));
    }

    [Test]
    public async Task WhatTheHeartbeatTells_IsNoEvent()
    {
        using var stream = Open();
        var events = new DataplaneEvents(_hub);
        events.KernelFailed(Failure);
        events.JournalFailed(Failure);
        events.Resumed(new Resumption(1, null, false, 0, TimeSpan.Zero));
        Assert.That(await PayloadsAsync(stream), Is.Empty);
    }

    [Test]
    public void Observers_EachIsToldEverything_InTheOrderGiven()
    {
        var told = new List<string>();
        var all = new DataplaneObservers(new Recorder("a", told), new Recorder("b", told));
        all.Changed(Report, new ChangeOptions("r"), new Resync());
        all.Resumed(new Resumption(1, null, false, 0, TimeSpan.Zero));
        all.Drifted(DriftMappingTests.Sample);
        all.Found(FindingMappingTests.Sample);
        all.PortMoved(Port, Port, null);
        all.ReadAnew(7, TimeSpan.FromSeconds(1));
        all.KernelFailed(Failure);
        all.JournalFailed(Failure);
        Assert.That(told, Is.EqualTo(typeof(IDataplaneObserver).GetMethods().SelectMany(m => new[] { $"a {m.Name}", $"b {m.Name}" })));
    }

    private Subscriber Open(params IReadOnlyList<string> only) =>
        _hub.Open([new(Topic.Change, null, only), new(Topic.Drift, null, only), new(Topic.Finding, null, only), new(Topic.Port, null, only)]);

    private async Task<EventPayload[]> PayloadsAsync(Subscriber stream)
    {
        _hub.Close();
        var payloads = new List<EventPayload>();
        await foreach (var happened in stream.ReadAllAsync(CancellationToken.None))
        {
            payloads.Add(happened.Payload);
        }

        return [.. payloads.Skip(1)];
    }

    private sealed class Recorder(string name, List<string> told) : IDataplaneObserver
    {
        public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit) => told.Add($"{name} {nameof(Changed)}");

        public void Resumed(Resumption resumption) => told.Add($"{name} {nameof(Resumed)}");

        public void Drifted(Drift drift) => told.Add($"{name} {nameof(Drifted)}");

        public void Found(Finding finding) => told.Add($"{name} {nameof(Found)}");

        public void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed) => told.Add($"{name} {nameof(PortMoved)}");

        public void ReadAnew(int links, TimeSpan duration) => told.Add($"{name} {nameof(ReadAnew)}");

        public void KernelFailed(Failure failure) => told.Add($"{name} {nameof(KernelFailed)}");

        public void JournalFailed(Failure failure) => told.Add($"{name} {nameof(JournalFailed)}");
    }
}
