using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cloudbr.Agent.Telemetry.Heartbeat;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// One subscriber. Its queue is bounded: a reader that is too slow loses the oldest events and is told how many, and nobody
/// else notices it.
/// </summary>
public sealed class Subscriber : IDisposable
{
    private readonly TelemetryHub _hub;
    private readonly IReadOnlyList<TelemetryEvent> _opening;
    private readonly Channel<TelemetryEvent> _queue;
    private readonly List<ITimer> _timers = [];
    private readonly Lock _gate = new();
    private bool _completed;
    private ulong _lost;
    private ulong _firstLost;
    private ulong _lastLost;

    /// <summary><paramref name="opening"/> comes first and is never lost.</summary>
    internal Subscriber(TelemetryHub hub, IReadOnlyList<TelemetryEvent> opening, int capacity)
    {
        _hub = hub;
        _opening = opening;
        _queue = Channel.CreateBounded<TelemetryEvent>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, OnLost);
    }

    /// <summary>The events in order, with a Gap where some were lost. Ends when the hub closes.</summary>
    public async IAsyncEnumerable<TelemetryEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var happened in _opening)
        {
            yield return happened;
        }

        while (await _queue.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (TryTake(out var gap, out var next))
            {
                if (gap is not null)
                {
                    yield return gap;
                }

                yield return next;
            }
        }
    }

    public void Dispose()
    {
        Complete();
        _hub.Leave(this);
    }

    /// <summary>The hub calls this in the order of the sequence numbers.</summary>
    internal void Enqueue(TelemetryEvent happened)
    {
        lock (_gate)
        {
            _queue.Writer.TryWrite(happened);
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
            _queue.Writer.TryComplete();
        }
    }

    /// <summary>
    /// The oldest event in the queue, and the Gap before it. Both at once: what is lost after that was behind the event, and
    /// is told before the next one.
    /// </summary>
    private bool TryTake(out TelemetryEvent? gap, [MaybeNullWhen(false)] out TelemetryEvent next)
    {
        lock (_gate)
        {
            gap = null;
            if (!_queue.Reader.TryRead(out next))
            {
                return false;
            }

            if (_lost > 0)
            {
                // It stands where the lost events stood, so it has the number of the last of them.
                gap = new TelemetryEvent(_lastLost, Moment.Now(_hub.Time), new Gap(GapCause.SlowReader, _lost, _firstLost, _lastLost));
                _lost = 0;
            }

            return true;
        }
    }

    /// <summary>Called while an event is written, so under the gate.</summary>
    private void OnLost(TelemetryEvent lost)
    {
        _firstLost = _lost == 0 ? lost.Sequence : _firstLost;
        _lastLost = lost.Sequence;
        _lost++;
    }
}
