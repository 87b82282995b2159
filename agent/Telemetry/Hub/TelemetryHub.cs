using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// Where streams join and leave, and events get their numbers. What happens is retained for a while, whether somebody listens or not, so
/// that who comes back gets what was missed.
/// </summary>
/// <param name="run">This run of the agent.</param>
/// <param name="retention">How much is kept; the default unless a test has less.</param>
public sealed class TelemetryHub(AgentRun run, Retention? retention = null)
{
    /// <summary>Half a minute of a busy host; more would only make a slow reader later.</summary>
    private const int QueueCapacity = 1024;

    /// <summary>The topics that have a source in this version.</summary>
    public static IReadOnlySet<Topic> Sent { get; } = new HashSet<Topic> { Topic.Heartbeat, Topic.Drift, Topic.Finding, Topic.Port, Topic.Change };

    private readonly RetainedEvents _retained = new(retention ?? Retention.Default);
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
        var filters = new TopicFilters(subscriptions);
        Subscriber stream;
        lock (_gate)
        {
            var (opening, from) = Opening(subscriptions, filters, resume);
            stream = new Subscriber(this, _gate, opening, filters, _retained, _retained.PlaceAfter(from), queueCapacity);
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

    /// <summary>A request was finished, or the agent's own way back. <paramref name="also"/> is what it is about beside its steps.</summary>
    public void Publish(ChangeReport report, params IEnumerable<string> also) => Publish(RetainedEvent.Of(report, also));

    public void Publish(Drift drift) => Publish(RetainedEvent.Of(drift));

    /// <summary>A problem was found, or is gone.</summary>
    public void Publish(Finding finding) => Publish(RetainedEvent.Of(finding));

    /// <summary>A port's device came, went or moved; its rules <paramref name="followed"/> so long after the kernel had told.</summary>
    public void Publish(PortDesign before, PortDesign now, TimeSpan? followed) => Publish(RetainedEvent.Of(before, now, followed));

    /// <summary>The kernel dropped reports before the agent got them.</summary>
    public void PublishKernelOverrun() => Publish(RetainedEvent.KernelOverrun());

    /// <summary>Ends every stream after what is there for it, and every one that is opened later. The agent stops.</summary>
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

    /// <summary>
    /// Called on the thread that changes the host: it waits for nobody who reads, only for the gate, behind which nothing is long.
    /// </summary>
    private void Publish(RetainedEvent happened)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            while (_retained.IsTooFullFor(happened))
            {
                var (place, oldest) = (_retained.First, _retained[_retained.First]);
                foreach (var stream in _subscribers)
                {
                    stream.Forgetting(place, oldest);
                }

                _retained.ForgetOldest();
            }

            var kept = new RetainedEvents.Kept(Stamp(happened.Payload), happened);
            _retained.Add(kept);
            foreach (var stream in _subscribers)
            {
                stream.Notice(kept);
            }
        }
    }

    /// <summary>What a stream begins with, and the number after which it goes on. The caller holds the gate.</summary>
    private (IReadOnlyList<TelemetryEvent> Opening, ulong From) Opening(
        IReadOnlyList<Subscription> subscriptions, TopicFilters filters, ResumePoint? resume)
    {
        var opened = new StreamOpened(run.InstanceId, subscriptions, _retained.Oldest, _sequence);
        if (resume is null)
        {
            var first = Stamp(opened);
            return ([first], first.Sequence);
        }

        var forgotten = _retained.Forgotten(filters.Topics);
        var from = resume.AfterSequence;
        Gap? gap = null;
        if (IsOfAnotherRun(resume))
        {
            (from, gap) = (forgotten, new Gap(GapCause.AgentRestarted, null, 0, 0));
        }
        else if (from < forgotten)
        {
            gap = new Gap(GapCause.NotRetained, null, from + 1, forgotten);
        }

        // What is replayed has older numbers. The opening stands before it, with the number that the reader has already, so that numbers
        // never go back, and the last number that a reader saw is always the one to go on after.
        var isReplay = gap is { Cause: GapCause.NotRetained } || _retained.Newest > from;
        List<TelemetryEvent> opening = [isReplay ? At(from, opened) : Stamp(opened)];
        if (gap is not null)
        {
            opening.Add(isReplay ? At(Math.Max(from, gap.LastSequence), gap) : Stamp(gap));
        }

        return (opening, isReplay ? opening[^1].Sequence : _sequence);
    }

    /// <summary>Named, or told by a number that this run has not given out yet.</summary>
    private bool IsOfAnotherRun(ResumePoint resume) =>
        resume.InstanceId.Length > 0 ? resume.InstanceId != run.InstanceId : resume.AfterSequence > _sequence;

    /// <summary>The caller holds the gate.</summary>
    private TelemetryEvent Stamp(EventPayload payload) => At(++_sequence, payload);

    private TelemetryEvent At(ulong sequence, EventPayload payload) => new(sequence, Moment.Now(run.Time), payload);
}
