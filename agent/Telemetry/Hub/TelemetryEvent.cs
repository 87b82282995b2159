using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>One thing that happened, with both clocks.</summary>
public sealed record TelemetryEvent(ulong Sequence, Moment Moment, EventPayload Payload);

/// <summary>What happened.</summary>
public abstract record EventPayload;

/// <summary>The first event of every stream: what was understood, and where it stands.</summary>
public sealed record StreamOpened(string InstanceId, IReadOnlyList<Subscription> Subscriptions, ulong NewestSequence) : EventPayload;

/// <summary>Events were lost to this stream. <paramref name="Lost"/> is null where nobody knows how many.</summary>
public sealed record Gap(GapCause Cause, ulong? Lost, ulong FirstSequence, ulong LastSequence) : EventPayload;

public enum GapCause
{
    SlowReader,
    AgentRestarted,
}

public sealed record HeartbeatEvent(HeartbeatReading Heartbeat) : EventPayload;
