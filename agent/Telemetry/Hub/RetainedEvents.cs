using System.Diagnostics.CodeAnalysis;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>How much is kept for readers who come back.</summary>
/// <param name="Events">At most so many events.</param>
/// <param name="Bytes">And about so much memory; the newest event is kept however large it is.</param>
public sealed record Retention(int Events, long Bytes)
{
    /// <summary>An agent's bad day, within a sixth of its memory.</summary>
    public static readonly Retention Default = new(4096, 16 * 1024 * 1024);
}

/// <summary>
/// The events that are kept, the oldest making room for new ones. Each has a place, counted from 0 and never used twice: a stream
/// remembers the place it will read next, so that what is replayed and what is new are one row, without a hole or a double
/// between. The hub holds its gate around every call.
/// </summary>
internal sealed class RetainedEvents(Retention retention)
{
    private readonly Kept?[] _ring = new Kept?[retention.Events];

    /// <summary>The newest number of each topic that is no longer here.</summary>
    private readonly ulong[] _forgotten = new ulong[Enum.GetValues<Topic>().Max(t => (int)t) + 1];

    private long _bytes;

    /// <summary>One event in its place.</summary>
    internal sealed record Kept(TelemetryEvent Event, RetainedEvent About);

    /// <summary>The place of the oldest.</summary>
    public long First { get; private set; }

    /// <summary>The place after the newest.</summary>
    public long End { get; private set; }

    /// <summary>The number of the oldest; 0 if there is none.</summary>
    public ulong Oldest => First < End ? this[First].Event.Sequence : 0;

    /// <summary>The number of the newest; 0 if there is none.</summary>
    public ulong Newest => First < End ? this[End - 1].Event.Sequence : 0;

    /// <summary>The newest number of these topics that is no longer here; 0 if nothing was forgotten.</summary>
    public ulong Forgotten(IEnumerable<Topic> topics) => topics.Max(t => (ulong?)_forgotten[(int)t]) ?? 0;

    public Kept this[long place] => _ring[place % _ring.Length]!;

    public void Add(Kept kept)
    {
        _ring[End % _ring.Length] = kept;
        End++;
        _bytes += kept.About.Bytes;
    }

    /// <summary>Whether there has to be made room before another of this size is added.</summary>
    public bool IsTooFullFor(RetainedEvent next) =>
        First < End && (End - First == _ring.Length || _bytes + next.Bytes > retention.Bytes);

    public void ForgetOldest()
    {
        var oldest = this[First];
        foreach (var topic in oldest.About.Topics)
        {
            _forgotten[(int)topic] = oldest.Event.Sequence;
        }

        _ring[First % _ring.Length] = null;
        _bytes -= oldest.About.Bytes;
        First++;
    }

    /// <summary>The place of the first event with a greater number.</summary>
    public long PlaceAfter(ulong sequence)
    {
        var (low, high) = (First, End);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = this[middle].Event.Sequence > sequence ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>The first event of one of these topics at this place or after it; the place is moved to it.</summary>
    public bool TryFind(TopicFilters filters, ref long place, [MaybeNullWhen(false)] out Kept found)
    {
        for (place = Math.Max(place, First); place < End; place++)
        {
            found = this[place];
            if (filters.HasTopicOf(found.About))
            {
                return true;
            }
        }

        found = null;
        return false;
    }
}
