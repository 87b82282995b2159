using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// One subscriber. What is made for it alone waits in a bounded queue; what is retained it reads where the hub keeps it, from its own
/// place on. So it holds little however slow it is: a reader that is too slow loses the oldest events and is told how many, and nobody
/// else notices it.
/// </summary>
/// <remarks>It is guarded by the hub's gate, so that the numbers of what it finds in both places only grow.</remarks>
public sealed class Subscriber : IDisposable
{
    private readonly TelemetryHub _hub;
    private readonly IReadOnlyList<TelemetryEvent> _opening;
    private readonly RetainedEvents _retained;
    private readonly TopicFilters _filters;
    private readonly Queue<TelemetryEvent> _queue = new();
    private readonly int _capacity;
    private readonly List<ITimer> _timers = [];
    private readonly Lock _gate;

    /// <summary>Has something whenever there may be something to read.</summary>
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private bool _completed;
    private long _place;
    private LostEvents _lostOfQueue;
    private LostEvents _lostOfRetained;

    /// <param name="hub">Where it belongs.</param>
    /// <param name="gate">The hub's.</param>
    /// <param name="opening">Comes first and is never lost.</param>
    /// <param name="filters">What it carries of what is retained.</param>
    /// <param name="retained">What is retained.</param>
    /// <param name="place">The place of the first retained event that is for it.</param>
    /// <param name="capacity">How many events its own queue holds.</param>
    internal Subscriber(
        TelemetryHub hub, Lock gate, IReadOnlyList<TelemetryEvent> opening, TopicFilters filters, RetainedEvents retained, long place, int capacity)
    {
        (_hub, _gate, _opening, _filters, _retained, _place, _capacity) = (hub, gate, opening, filters, retained, place, capacity);
        Wake();
    }

    /// <summary>The events in order, with a Gap where some were lost. Ends when the hub closes.</summary>
    public async IAsyncEnumerable<TelemetryEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var happened in _opening)
        {
            yield return happened;
        }

        while (await _signal.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // Taken first: what comes from now on signals again.
            _signal.Reader.TryRead(out _);
            while (TryTake(out var next))
            {
                yield return next;
            }
        }
    }

    public void Dispose()
    {
        Complete();
        _hub.Leave(this);
    }

    /// <summary>The hub calls this in the order of the sequence numbers, under its gate.</summary>
    internal void Enqueue(TelemetryEvent happened)
    {
        if (_completed)
        {
            return;
        }

        if (_queue.Count == _capacity)
        {
            _lostOfQueue.Add(_queue.Dequeue().Sequence);
        }

        _queue.Enqueue(happened);
        Wake();
    }

    /// <summary>Something was retained. Under the gate.</summary>
    internal void Notice(RetainedEvents.Kept kept)
    {
        if (_filters.HasTopicOf(kept.About))
        {
            Wake();
        }
    }

    /// <summary>This is about to be forgotten. Under the gate.</summary>
    internal void Forgetting(long place, RetainedEvents.Kept kept)
    {
        if (_place > place)
        {
            return;
        }

        _place = place + 1;
        if (_filters.Wants(kept.About))
        {
            _lostOfRetained.Add(kept.Event.Sequence);
        }
    }

    /// <summary>Has <paramref name="sample"/> made now and then every interval, until the stream ends.</summary>
    internal void Sample(TimeSpan interval, Func<EventPayload> sample)
    {
        var timer = _hub.Time.CreateTimer(_ => _hub.Emit(this, sample), null, TimeSpan.Zero, interval);
        lock (_gate)
        {
            if (!_completed)
            {
                _timers.Add(timer);
                return;
            }
        }

        timer.Dispose();
    }

    internal void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            foreach (var timer in _timers)
            {
                timer.Dispose();
            }

            _timers.Clear();
            _signal.Writer.TryComplete();
        }
    }

    private void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>
    /// The next event, or the Gap that stands where events were lost: of the queue and of what is retained, the one with the lower
    /// number. Whether somebody asked for it is looked at without the gate: it may be long, and others wait there.
    /// </summary>
    private bool TryTake([MaybeNullWhen(false)] out TelemetryEvent next)
    {
        while (true)
        {
            RetainedEvents.Kept? kept;
            lock (_gate)
            {
                var own = _lostOfQueue.Any ? _lostOfQueue.Last : _queue.TryPeek(out var head) ? head.Sequence : ulong.MaxValue;
                kept = null;
                var shared = _lostOfRetained.Any ? _lostOfRetained.Last
                    : _retained.TryFind(_filters, ref _place, out kept) ? kept.Event.Sequence
                    : ulong.MaxValue;
                if (own == shared)
                {
                    next = null;
                    return false;
                }

                if (own < shared)
                {
                    next = _lostOfQueue.Any ? Tell(ref _lostOfQueue) : _queue.Dequeue();
                    return true;
                }

                if (_lostOfRetained.Any)
                {
                    next = Tell(ref _lostOfRetained);
                    return true;
                }

                _place++;
            }

            if (_filters.Wants(kept!.About))
            {
                next = kept.Event;
                return true;
            }
        }
    }

    /// <summary>It stands where the lost events stood, so it has the number of the last of them.</summary>
    private TelemetryEvent Tell(ref LostEvents lost) => new(lost.Last, Moment.Now(_hub.Time), lost.Take());
}
