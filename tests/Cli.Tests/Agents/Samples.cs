using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Cli.Tests.Agents;

/// <summary>Events as an agent sends them.</summary>
internal static class Samples
{
    public static Timestamp Time { get; } = new() { Seconds = 1767323045, Nanos = 678_000_000 };

    public static Event Opened { get; } = new() { Sequence = 1, Time = Time, Opened = new StreamOpened { InstanceId = "run-1" } };

    public static Heartbeat Heartbeat(AgentState state = AgentState.Serving) => new()
    {
        Sequence = 3,
        BootId = "boot-1",
        InstanceId = "run-1",
        Uptime = new Duration { Seconds = 93784 },
        Generation = 7,
        Status = new AgentStatus { State = state, Generation = 7, Mode = OperatingMode.Heal },
    };

    public static Finding Finding { get; } = new()
    {
        Code = "OTHER_MANAGER",
        Severity = FindingSeverity.Error,
        State = FindingState.Open,
        Object = Bridge,
        Message = "brvx-101 is changed again and again",
        Remedy = "find out who",
        TimesSeen = 3,
    };

    public static ObjectRef Bridge => new() { Kind = ObjectKind.Link, Id = "web", Name = "brvx-101" };

    public static Event Event(Heartbeat heartbeat) => new() { Sequence = 2, Time = Time, Heartbeat = heartbeat };

    public static Event Event(Gap gap) => new() { Sequence = 2, Time = Time, Gap = gap };
}
