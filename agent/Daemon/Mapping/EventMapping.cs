using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Gap = Cloudbr.Agent.Telemetry.Hub.Gap;
using GapCause = Cloudbr.Agent.Telemetry.Hub.GapCause;
using PortEvent = Cloudbr.Agent.Telemetry.Hub.PortEvent;
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
                message.Opened = ToMessage(opened);
                break;
            case Gap gap:
                message.Gap = ToMessage(gap);
                break;
            case HeartbeatEvent heartbeat:
                message.Heartbeat = ToMessage(heartbeat.Heartbeat);
                break;
            case ChangeEvent change:
                message.Change = ChangeReportMapping.ToMessage(change.Report);
                break;
            case DriftEvent drift:
                message.Drift = DriftMapping.ToMessage(drift.Drift);
                break;
            case FindingEvent finding:
                message.Finding = FindingMapping.ToMessage(finding.Finding);
                break;
            case PortEvent port:
                message.Port = ToMessage(port);
                break;
            default:
                throw new InvalidOperationException($"The contract has no event for {happened.Payload.GetType()}.");
        }

        return new WatchResponse { Event = message };
    }

    private static V1.StreamOpened ToMessage(StreamOpened opened)
    {
        var message = new V1.StreamOpened
        {
            InstanceId = opened.InstanceId, OldestRetainedSequence = opened.OldestRetained, NewestSequence = opened.NewestSequence,
        };
        message.Subscriptions.Add(opened.Subscriptions.Select(SubscriptionMapping.ToMessage));
        return message;
    }

    private static V1.PortEvent ToMessage(PortEvent port) => new()
    {
        NicId = port.NicId,
        Before = RealisationMapping.ToMessage(port.Before),
        Realisation = new PortRealisation
        {
            NicId = port.NicId,
            Bridge = port.Bridge,
            Device = port.Device,
            GuestMtu = (uint)port.GuestMtu,
            Presence = RealisationMapping.ToMessage(port.Presence),
        },
        FollowDuration = port.FollowDuration is { } duration ? Duration.FromTimeSpan(duration) : null,
    };

    private static V1.Gap ToMessage(Gap gap)
    {
        var message = new V1.Gap
        {
            Cause = gap.Cause switch
            {
                GapCause.SlowReader => V1.GapCause.SlowReader,
                GapCause.NotRetained => V1.GapCause.NotRetained,
                GapCause.AgentRestarted => V1.GapCause.AgentRestarted,
                _ => V1.GapCause.KernelOverrun,
            },
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
