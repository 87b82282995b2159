using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>One thing that happened, with both clocks.</summary>
public sealed record TelemetryEvent(ulong Sequence, Moment Moment, EventPayload Payload);

/// <summary>What happened.</summary>
public abstract record EventPayload;

/// <summary>The first event of every stream: what was understood, and where it stands. Numbers are 0 where there is none.</summary>
public sealed record StreamOpened(string InstanceId, IReadOnlyList<Subscription> Subscriptions, ulong OldestRetained, ulong NewestSequence)
    : EventPayload;

/// <summary>Events were lost to this stream. <paramref name="Lost"/> is null where nobody knows how many.</summary>
public sealed record Gap(GapCause Cause, ulong? Lost, ulong FirstSequence, ulong LastSequence) : EventPayload;

public enum GapCause
{
    SlowReader,
    NotRetained,
    AgentRestarted,
    KernelOverrun,
}

public sealed record HeartbeatEvent(HeartbeatReading Heartbeat) : EventPayload;

/// <summary>A request was finished, or the agent's own way back. Shortened if it is very long, and says so then.</summary>
public sealed record ChangeEvent(ChangeReport Report) : EventPayload;

public sealed record DriftEvent(Drift Drift) : EventPayload;

/// <summary>A problem was found, or is gone.</summary>
public sealed record FindingEvent(Finding Finding) : EventPayload;

/// <summary>A port's device came, went or moved. Without what the port may do: that may be long, and is not what happened.</summary>
/// <param name="NicId">Whose.</param>
/// <param name="Before">Where the device was.</param>
/// <param name="Presence">Where it is.</param>
/// <param name="Device">Its name, if it is there.</param>
/// <param name="Bridge">The bridge of the port's network.</param>
/// <param name="GuestMtu">What the guest must use.</param>
/// <param name="FollowDuration">Until its rules had followed and were read back; null if there was nothing to do, or it could not be done.</param>
public sealed record PortEvent(
    string NicId, PortPresence Before, PortPresence Presence, string Device, string Bridge, int GuestMtu, TimeSpan? FollowDuration) : EventPayload;
