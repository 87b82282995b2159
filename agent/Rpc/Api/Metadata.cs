using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call. A key that ends in <c>-bin</c> carries bytes, every other one printable ASCII.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>Shared and read-only.</summary>
    public static readonly Metadata Empty = new(readOnly: true);

    private readonly List<Entry> _entries;

    public Metadata() => _entries = [];

    private Metadata(bool readOnly)
    {
        _entries = [];
        IsReadOnly = readOnly;
    }

    public int Count => _entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            Guard(value);
            _entries[index] = value;
        }
    }

    public Entry? Get(string key)
    {
        // The last one counts, as in every gRPC implementation.
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].HasKey(key))
            {
                return _entries[i];
            }
        }

        return null;
    }

    public string? GetValue(string key) => Get(key)?.Value;

    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(e => e.HasKey(key));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item)
    {
        Guard(item);
        _entries.Add(item);
    }

    public void Insert(int index, Entry item)
    {
        Guard(item);
        _entries.Insert(index, item);
    }

    public bool Remove(Entry item)
    {
        GuardWritable();
        return _entries.Remove(item);
    }

    public void RemoveAt(int index)
    {
        GuardWritable();
        _entries.RemoveAt(index);
    }

    public void Clear()
    {
        GuardWritable();
        _entries.Clear();
    }

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    private void Guard(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        GuardWritable();
    }

    private void GuardWritable()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("This metadata is read-only; make a Metadata of your own.");
        }
    }

    /// <summary>One key with its value.</summary>
    public sealed class Entry
    {
        private readonly string? _text;
        private readonly byte[]? _bytes;

        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = NormalizeKey(key);
            if (IsBinary)
            {
                throw new ArgumentException($"The key '{Key}' ends in {BinaryHeaderSuffix}, so its value is bytes, not text.", nameof(key));
            }

            _text = value;
        }

        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = NormalizeKey(key);
            if (!IsBinary)
            {
                throw new ArgumentException($"The key '{Key}' carries bytes, so it has to end in {BinaryHeaderSuffix}.", nameof(key));
            }

            _bytes = [.. valueBytes];
        }

        public string Key { get; }

        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        public string Value => _text ?? throw new InvalidOperationException($"The value of '{Key}' is bytes; read ValueBytes.");

        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_text!) : [.. _bytes];

        public override string ToString() => IsBinary
            ? $"[Entry: key={Key}, valueBytes={Convert.ToHexString(_bytes!)}]"
            : $"[Entry: key={Key}, value={_text}]";

        internal ReadOnlySpan<byte> Bytes => _bytes;

        internal bool HasKey(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        private static string NormalizeKey(string key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            foreach (var c in key)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                {
                    throw new ArgumentException($"The key '{key}' has a character other than letters, digits, '_', '-' and '.'.", nameof(key));
                }
            }

            return key.ToLowerInvariant();
        }
    }
}
