using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// One subscriber. Its queue is bounded: a reader that is too slow loses the oldest events and is told how many, and nobody
/// else notices it.
/// </summary>
public sealed class Subscriber : IDisposable
{
    private readonly TelemetryHub _hub;
    private readonly Channel<TelemetryEvent> _queue;
    private readonly List<ITimer> _timers = [];
    private readonly Lock _gate = new();
    private ulong _lost;
    private ulong _firstLost;
    private ulong _lastLost;

    internal Subscriber(TelemetryHub hub, IReadOnlyList<Subscription> subscriptions, int capacity)
    {
        _hub = hub;
        Subscriptions = subscriptions;
        _queue = Channel.CreateBounded<TelemetryEvent>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, OnLost);
    }

    public IReadOnlyList<Subscription> Subscriptions { get; }

    /// <summary>The events in order, with a Gap where some were lost. Ends when the hub closes.</summary>
    public async IAsyncEnumerable<TelemetryEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _queue.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var next))
            {
                if (TakeGap() is { } gap)
                {
                    yield return _hub.Stamp(gap);
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

    internal void Offer(TelemetryEvent happened) => _queue.Writer.TryWrite(happened);

    /// <summary>Has <paramref name="sample"/> made now and then every interval, until the stream ends.</summary>
    internal void Sample(TimeSpan interval, Action sample) =>
        _timers.Add(_hub.Time.CreateTimer(_ => sample(), null, TimeSpan.Zero, interval));

    internal void Complete()
    {
        foreach (var timer in _timers)
        {
            timer.Dispose();
        }

        _queue.Writer.TryComplete();
    }

    private void OnLost(TelemetryEvent lost)
    {
        lock (_gate)
        {
            _firstLost = _lost == 0 ? lost.Sequence : _firstLost;
            _lastLost = lost.Sequence;
            _lost++;
        }
    }

    private Gap? TakeGap()
    {
        lock (_gate)
        {
            if (_lost == 0)
            {
                return null;
            }

            var gap = new Gap(GapCause.SlowReader, _lost, _firstLost, _lastLost);
            _lost = 0;
            return gap;
        }
    }
}
