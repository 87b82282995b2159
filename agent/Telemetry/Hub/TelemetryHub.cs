using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>Where streams join and leave, and events get their numbers.</summary>
public sealed class TelemetryHub(AgentRun run)
{
    /// <summary>Half a minute of a busy host; more would only make a slow reader later.</summary>
    private const int QueueCapacity = 1024;

    /// <summary>The topics that have a source in this version.</summary>
    public static IReadOnlySet<Topic> Sent { get; } = new HashSet<Topic> { Topic.Heartbeat };

    private readonly HashSet<Subscriber> _subscribers = [];
    private readonly Lock _gate = new();
    private ulong _sequence;
    private bool _closed;

    /// <summary>How many streams are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _subscribers.Count;
            }
        }
    }

    internal TimeProvider Time => run.Time;

    /// <summary>Opens a stream; its first event says what was understood. Dispose of the stream to leave.</summary>
    public Subscriber Open(IReadOnlyList<Subscription> subscriptions, ResumePoint? resume = null, int queueCapacity = QueueCapacity)
    {
        Subscriber stream;
        lock (_gate)
        {
            List<TelemetryEvent> opening = [Stamp(new StreamOpened(run.InstanceId, subscriptions, _sequence))];
            if (resume is { InstanceId: not "" } && resume.InstanceId != run.InstanceId)
            {
                opening.Add(Stamp(new Gap(GapCause.AgentRestarted, null, 0, 0)));
            }

            stream = new Subscriber(this, opening, queueCapacity);
            if (_closed)
            {
                stream.Complete();
                return stream;
            }

            _subscribers.Add(stream);
        }

        foreach (var subscription in subscriptions)
        {
            if (subscription is { Topic: Topic.Heartbeat, Interval: { } interval })
            {
                ulong beats = 0;
                stream.Sample(interval, () => new HeartbeatEvent(run.Heartbeat(++beats, interval)));
            }
        }

        return stream;
    }

    /// <summary>Ends every stream after what is in its queue, and every one that is opened later. The agent stops.</summary>
    public void Close()
    {
        Subscriber[] streams;
        lock (_gate)
        {
            _closed = true;
            streams = [.. _subscribers];
        }

        foreach (var stream in streams)
        {
            stream.Complete();
        }
    }

    /// <summary>Makes an event and gives it to one stream. Under the gate, so that numbers grow in every queue.</summary>
    internal void Emit(Subscriber stream, Func<EventPayload> make)
    {
        lock (_gate)
        {
            stream.Enqueue(Stamp(make()));
        }
    }

    internal void Leave(Subscriber stream)
    {
        lock (_gate)
        {
            _subscribers.Remove(stream);
        }
    }

    /// <summary>The caller holds the gate.</summary>
    private TelemetryEvent Stamp(EventPayload payload) => new(++_sequence, Moment.Now(run.Time), payload);
}
