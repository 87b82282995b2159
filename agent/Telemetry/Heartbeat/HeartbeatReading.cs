using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Telemetry.Heartbeat;

/// <summary>One moment by both clocks: the wall clock can be set, the monotonic one only grows.</summary>
public readonly record struct Moment(DateTimeOffset Wall, ulong MonotonicNs)
{
    public static Moment Now(TimeProvider time) =>
        new(time.GetUtcNow(), (ulong)(time.GetTimestamp() * (decimal)1_000_000_000 / time.TimestampFrequency));
}

/// <summary>The agent lives, and how it is. <paramref name="Sequence"/> counts within one stream, from 1.</summary>
public sealed record HeartbeatReading(
    ulong Sequence, string BootId, string InstanceId, Moment Moment, TimeSpan Uptime, AgentStatus Status, TimeSpan Interval);
