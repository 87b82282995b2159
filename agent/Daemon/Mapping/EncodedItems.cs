using System.Buffers;
using System.Collections.Immutable;
using Google.Protobuf;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>
/// The networks, ports or address groups of one config as they stand in a HostConfig message, sorted by key. Those of the next config are
/// made from it: of thousands nearly all are the same objects as before, and their bytes are only copied.
/// </summary>
internal sealed class EncodedItems<T>
    where T : class
{
    private readonly uint _tag;
    private readonly Func<T, string> _keyOf;
    private readonly Func<T, IMessage> _toMessage;
    private readonly ImmutableDictionary<string, T> _source;
    private readonly Part[] _parts;
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Of none.</summary>
    /// <param name="field">Their field in the message.</param>
    /// <param name="keyOf">What they are sorted by.</param>
    /// <param name="toMessage">One as a message.</param>
    public EncodedItems(int field, Func<T, string> keyOf, Func<T, IMessage> toMessage)
    {
        (_keyOf, _toMessage, _parts) = (keyOf, toMessage, []);
        _tag = WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
        _source = ImmutableDictionary.Create<string, T>(StringComparer.Ordinal);
    }

    private EncodedItems(EncodedItems<T> former, ImmutableDictionary<string, T> source, Part[] parts, ReadOnlyMemory<byte> bytes)
    {
        (_tag, _keyOf, _toMessage) = (former._tag, former._keyOf, former._toMessage);
        (_source, _parts, _bytes) = (source, parts, bytes);
    }

    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public EncodedItems<T> Of(ImmutableDictionary<string, T> items)
    {
        if (ReferenceEquals(items, _source))
        {
            return this;
        }

        var now = new T?[_parts.Length];
        var kept = 0;
        for (var i = 0; i < now.Length; i++)
        {
            if (items.TryGetValue(_keyOf(_parts[i].Item), out now[i]))
            {
                kept++;
            }
        }

        return Merge(items, now, kept == items.Count ? [] : Added(items));
    }

    private T[] Added(ImmutableDictionary<string, T> items)
    {
        var added = new List<T>();
        foreach (var (id, item) in items)
        {
            if (!_source.ContainsKey(id))
            {
                added.Add(item);
            }
        }

        added.Sort((a, b) => string.CompareOrdinal(_keyOf(a), _keyOf(b)));
        return [.. added];
    }

    /// <param name="items">The next ones.</param>
    /// <param name="now">For each of ours what became of it; null if it is gone.</param>
    /// <param name="added">Those that are new, sorted.</param>
    private EncodedItems<T> Merge(ImmutableDictionary<string, T> items, T?[] now, ReadOnlySpan<T> added)
    {
        var parts = new Part[items.Count];
        var output = new ArrayBufferWriter<byte>(Math.Max(_bytes.Length + (128 * added.Length), 256));
        var count = 0;
        for (var i = 0; i < now.Length; i++)
        {
            while (added.Length > 0 && string.CompareOrdinal(_keyOf(added[0]), _keyOf(_parts[i].Item)) < 0)
            {
                Append(added[0]);
                added = added[1..];
            }

            if (ReferenceEquals(now[i], _parts[i].Item))
            {
                output.Write(_bytes.Span[(i == 0 ? 0 : _parts[i - 1].End).._parts[i].End]);
                parts[count++] = _parts[i] with { End = output.WrittenCount };
            }
            else if (now[i] is { } changed)
            {
                Append(changed);
            }
        }

        foreach (var item in added)
        {
            Append(item);
        }

        // It stays as long as this config does: without the room to grow.
        return new EncodedItems<T>(this, items, parts, output.WrittenSpan.ToArray());

        void Append(T item)
        {
            _toMessage(item).WriteField(_tag, output);
            parts[count++] = new Part(item, output.WrittenCount);
        }
    }

    /// <param name="Item">Whose bytes they are.</param>
    /// <param name="End">Where they end; they begin where those before end.</param>
    private readonly record struct Part(T Item, int End);
}
