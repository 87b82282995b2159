using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>The attributes of a message or of a nest, for <c>foreach</c>. Nothing is copied.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    /// <summary>Length and type.</summary>
    public const int HeaderSize = 4;

    private ReadOnlySpan<byte> _rest = attributes;

    public AttributeView Current { get; private set; }

    public readonly AttributeReader GetEnumerator() => this;

    public bool MoveNext()
    {
        // Fewer bytes than a header are padding.
        if (_rest.Length < HeaderSize)
        {
            return false;
        }

        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderSize || length > _rest.Length)
        {
            throw NetlinkException.Malformed($"an attribute of {length} bytes where {_rest.Length} are left");
        }

        Current = new AttributeView(MemoryMarshal.Read<ushort>(_rest[2..]), _rest[..length]);
        _rest = _rest[Math.Min(Alignment.Up(length), _rest.Length)..];
        return true;
    }
}
