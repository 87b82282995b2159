using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class EventMappingTests
{
    private static readonly Moment Now = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), 987_654_321);

    [Test]
    public void ToMessage_EveryPayload_HasItsPlaceInTheContract()
    {
        var payloads = typeof(EventPayload).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(EventPayload)));
        Assert.That(
            payloads,
            Is.EquivalentTo(new[]
            {
                typeof(StreamOpened), typeof(Gap), typeof(HeartbeatEvent), typeof(ChangeEvent), typeof(DriftEvent), typeof(FindingEvent),
                typeof(PortEvent),
            }),
            "a new payload needs a test here");
    }

    [Test]
    public void ToMessage_Event_HasItsNumberAndBothClocks()
    {
        var message = ToMessage(new Gap(GapCause.SlowReader, 3, 4, 6));
        Assert.That(message.Sequence, Is.EqualTo(42));
        Assert.That(message.Time, Is.EqualTo(new Timestamp { Seconds = 1767323045, Nanos = 678_000_000 }));
        Assert.That(message.MonotonicNs, Is.EqualTo(987_654_321));
    }

    [Test]
    public void ToMessage_Opened_SaysWhatWasUnderstood()
    {
        Subscription[] subscriptions = [new(Topic.Heartbeat, TimeSpan.FromSeconds(2), []), new(Topic.Link, null, ["vnet3"])];
        Assert.That(ToMessage(new StreamOpened("run", subscriptions, 17, 41)).Opened, Is.EqualTo(new V1.StreamOpened
        {
            InstanceId = "run",
            OldestRetainedSequence = 17,
            NewestSequence = 41,
            Subscriptions =
            {
                new V1.Subscription { Topic = V1.Topic.Heartbeat, Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) },
                new V1.Subscription { Topic = V1.Topic.Link, Only = { "vnet3" } },
            },
        }));
    }

    [Test]
    public void ToMessage_GapOfASlowReader_SaysHowManyAndWhich() => Assert.That(
        ToMessage(new Gap(GapCause.SlowReader, 3, 4, 6)).Gap,
        Is.EqualTo(new V1.Gap { Cause = V1.GapCause.SlowReader, LostEvents = 3, FirstSequence = 4, LastSequence = 6 }));

    [Test]
    public void ToMessage_GapOfARestart_LeavesTheNumberUnknown()
    {
        var gap = ToMessage(new Gap(GapCause.AgentRestarted, null, 0, 0)).Gap;
        Assert.That(gap.Cause, Is.EqualTo(V1.GapCause.AgentRestarted));
        Assert.That(gap.HasLostEvents, Is.False);
    }

    [Test]
    public void ToMessage_EveryCauseOfAGap_IsTheContracts()
    {
        foreach (var cause in System.Enum.GetValues<GapCause>())
        {
            Assert.That(ToMessage(new Gap(cause, null, 0, 0)).Gap.Cause.ToString(), Is.EqualTo(cause.ToString()));
        }
    }

    [Test]
    public void ToMessage_Change_IsTheReport()
    {
        var report = new ChangeReport
        {
            RequestId = "r", Outcome = ChangeOutcome.AwaitingConfirm, Generation = 7, PreviousGeneration = 6, AcceptedAt = Now.Wall, ConfirmBefore = Now.Wall,
        };
        Assert.That(ToMessage(new ChangeEvent(report)).Change, Is.EqualTo(ChangeReportMapping.ToMessage(report)));
    }

    [Test]
    public void ToMessage_DriftAndFinding_AreTheirOwn()
    {
        var drift = DriftMappingTests.Sample;
        Assert.That(ToMessage(new DriftEvent(drift)).Drift, Is.EqualTo(DriftMapping.ToMessage(drift)));
        var finding = FindingMappingTests.Sample;
        Assert.That(ToMessage(new FindingEvent(finding)).Finding, Is.EqualTo(FindingMapping.ToMessage(finding)));
    }

    [Test]
    public void ToMessage_Port_IsWhole()
    {
        var moved = new PortEvent("nic-1", PortPresence.Waiting, PortPresence.Elsewhere, "vnet3", "brvx-101", 1450, TimeSpan.FromMilliseconds(3));
        var expected = new V1.PortEvent
        {
            NicId = "nic-1",
            Before = V1.PortPresence.Waiting,
            Realisation = new V1.PortRealisation { NicId = "nic-1", Bridge = "brvx-101", Device = "vnet3", GuestMtu = 1450, Presence = V1.PortPresence.Elsewhere },
            FollowDuration = new Duration { Nanos = 3_000_000 },
        };
        Assert.That(ToMessage(moved).Port, Is.EqualTo(expected));
        expected.FollowDuration = null;
        Assert.That(ToMessage(moved with { FollowDuration = null }).Port, Is.EqualTo(expected));
    }

    [Test]
    public void ToMessage_Heartbeat_IsWhole()
    {
        var reading = new HeartbeatReading(
            7, "boot", "run", Now, TimeSpan.FromMinutes(3), new AgentStatus(AgentState.Drifted, 5, 2), TimeSpan.FromSeconds(1));
        Assert.That(ToMessage(new HeartbeatEvent(reading)).Heartbeat, Is.EqualTo(new V1.Heartbeat
        {
            Sequence = 7,
            BootId = "boot",
            InstanceId = "run",
            WallTime = new Timestamp { Seconds = 1767323045, Nanos = 678_000_000 },
            MonotonicNs = 987_654_321,
            Uptime = new Duration { Seconds = 180 },
            Generation = 5,
            Status = new V1.AgentStatus { State = V1.AgentState.Drifted, Generation = 5, Term = 2, Mode = V1.OperatingMode.Heal },
            Interval = new Duration { Seconds = 1 },
        }));
    }

    [TestCase(AgentState.Serving, V1.AgentState.Serving)]
    [TestCase(AgentState.Applying, V1.AgentState.Applying)]
    [TestCase(AgentState.Drifted, V1.AgentState.Drifted)]
    [TestCase(AgentState.Degraded, V1.AgentState.Degraded)]
    public void ToMessage_State_IsTheContracts(AgentState model, V1.AgentState expected) =>
        Assert.That(StatusMapping.ToMessage(new AgentStatus(model, 0, 0)).State, Is.EqualTo(expected));

    [Test]
    public void Topics_HaveTheNumbersOfTheContract() => Assert.That(
        System.Enum.GetValues<Topic>().Select(t => ((int)t, t.ToString())),
        Is.EqualTo(System.Enum.GetValues<V1.Topic>().Where(t => t != V1.Topic.Unspecified).Select(t => ((int)t, t.ToString()))));

    private static V1.Event ToMessage(EventPayload payload) => EventMapping.ToMessage(new TelemetryEvent(42, Now, payload)).Event;
}
