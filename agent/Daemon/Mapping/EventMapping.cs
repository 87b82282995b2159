using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Gap = Cloudbr.Agent.Telemetry.Hub.Gap;
using GapCause = Cloudbr.Agent.Telemetry.Hub.GapCause;
using StreamOpened = Cloudbr.Agent.Telemetry.Hub.StreamOpened;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class EventMapping
{
    public static WatchResponse ToMessage(TelemetryEvent happened)
    {
        var message = new Event
        {
            Sequence = happened.Sequence,
            Time = Timestamp.FromDateTimeOffset(happened.Moment.Wall),
            MonotonicNs = happened.Moment.MonotonicNs,
        };
        switch (happened.Payload)
        {
            case StreamOpened opened:
                message.Opened = new V1.StreamOpened { InstanceId = opened.InstanceId, NewestSequence = opened.NewestSequence };
                message.Opened.Subscriptions.Add(opened.Subscriptions.Select(SubscriptionMapping.ToMessage));
                break;
            case Gap gap:
                message.Gap = ToMessage(gap);
                break;
            case HeartbeatEvent heartbeat:
                message.Heartbeat = ToMessage(heartbeat.Heartbeat);
                break;
            default:
                throw new InvalidOperationException($"The contract has no event for {happened.Payload.GetType()}.");
        }

        return new WatchResponse { Event = message };
    }

    private static V1.Gap ToMessage(Gap gap)
    {
        var message = new V1.Gap
        {
            Cause = gap.Cause == GapCause.SlowReader ? V1.GapCause.SlowReader : V1.GapCause.AgentRestarted,
            FirstSequence = gap.FirstSequence,
            LastSequence = gap.LastSequence,
        };
        if (gap.Lost is { } lost)
        {
            message.LostEvents = lost;
        }

        return message;
    }

    private static V1.Heartbeat ToMessage(HeartbeatReading heartbeat) => new()
    {
        Sequence = heartbeat.Sequence,
        BootId = heartbeat.BootId,
        InstanceId = heartbeat.InstanceId,
        WallTime = Timestamp.FromDateTimeOffset(heartbeat.Moment.Wall),
        MonotonicNs = heartbeat.Moment.MonotonicNs,
        Uptime = Duration.FromTimeSpan(heartbeat.Uptime),
        Generation = heartbeat.Status.Generation,
        Status = StatusMapping.ToMessage(heartbeat.Status),
        Interval = Duration.FromTimeSpan(heartbeat.Interval),
    };
}
