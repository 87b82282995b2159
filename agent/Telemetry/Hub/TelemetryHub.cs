using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>Where streams join and leave, and events get their numbers.</summary>
public sealed class TelemetryHub(AgentRun run)
{
    /// <summary>Half a minute of a busy host; more would only make a slow reader later.</summary>
    private const int QueueCapacity = 1024;

    private readonly HashSet<Subscriber> _subscribers = [];
    private readonly Lock _gate = new();
    private ulong _sequence;
    private bool _closed;

    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

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
        var stream = new Subscriber(this, subscriptions, queueCapacity);
        stream.Offer(Stamp(new StreamOpened(run.InstanceId, subscriptions, Interlocked.Read(ref _sequence))));
        if (resume is { InstanceId: not "" } && resume.InstanceId != run.InstanceId)
        {
            stream.Offer(Stamp(new Gap(GapCause.AgentRestarted, null, 0, 0)));
        }

        lock (_gate)
        {
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
                stream.Sample(interval, () => stream.Offer(Stamp(new HeartbeatEvent(run.Heartbeat(Interlocked.Increment(ref beats), interval)))));
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

    internal TelemetryEvent Stamp(EventPayload payload) => new(Interlocked.Increment(ref _sequence), Moment.Now(run.Time), payload);

    internal void Leave(Subscriber stream)
    {
        lock (_gate)
        {
            _subscribers.Remove(stream);
        }
    }
}
