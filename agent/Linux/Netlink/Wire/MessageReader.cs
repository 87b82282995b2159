using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>The messages of a datagram, for <c>foreach</c>.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    public MessageView Current { get; private set; }

    public readonly MessageReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < MessageHeader.Size)
        {
            return _rest.IsEmpty ? false : throw NetlinkException.Malformed($"{_rest.Length} bytes where a message should start");
        }

        var header = MemoryMarshal.Read<MessageHeader>(_rest);
        if (header.Length < MessageHeader.Size || header.Length > (uint)_rest.Length)
        {
            throw NetlinkException.Malformed($"a message of {header.Length} bytes where {_rest.Length} are left");
        }

        var length = (int)header.Length;
        Current = new MessageView(header, _rest[MessageHeader.Size..length]);
        _rest = _rest[Math.Min(Alignment.Up(length), _rest.Length)..];
        return true;
    }
}

/// <summary>One message: its header, and the bytes behind it.</summary>
internal readonly ref struct MessageView(MessageHeader header, ReadOnlySpan<byte> payload)
{
    public MessageHeader Header { get; } = header;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}
