using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>
/// Writes one message into a buffer that is large enough for it. A nest is opened with <see cref="BeginNested"/> and closed
/// with the token that it returned; lengths are patched when nest and message end.
/// </summary>
internal ref struct MessageWriter
{
    private const int SequenceOffset = 8;

    private readonly Span<byte> _buffer;
    private int _length;

    public MessageWriter(Span<byte> buffer, ushort type, ushort flags, uint sequence = 0)
    {
        _buffer = buffer;
        Struct(new MessageHeader { Type = type, Flags = flags, Sequence = sequence });
    }

    /// <summary>The protocol's own header, which comes before the attributes.</summary>
    public void Struct<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), value);
    }

    public int BeginNested(ushort type)
    {
        var token = _length;
        Header(0, (ushort)(type | AttributeView.NestedFlag));
        return token;
    }

    public readonly void EndNested(int token) => MemoryMarshal.Write(_buffer[token..], checked((ushort)(_length - token)));

    public void Byte(ushort type, byte value) => Put(type, value);

    public void Bool(ushort type, bool value) => Put(type, value ? (byte)1 : (byte)0);

    public void UInt16(ushort type, ushort value) => Put(type, value);

    public void UInt16BigEndian(ushort type, ushort value) => Put(type, BinaryPrimitives.ReverseEndianness(value));

    public void UInt32(ushort type, uint value) => Put(type, value);

    public void Int32(ushort type, int value) => Put(type, value);

    /// <summary>With a zero byte at the end.</summary>
    public void Text(ushort type, string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Header(count + 1, type);
        var payload = Take(count + 1);
        Encoding.UTF8.GetBytes(value, payload);
        payload[count] = 0;
    }

    public void Mac(ushort type, MacAddress value)
    {
        Header(MacAddress.Length, type);
        value.CopyTo(Take(MacAddress.Length));
    }

    public void Address(ushort type, IPAddress value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, out var length);
        Bytes(type, bytes[..length]);
    }

    public void Bytes(ushort type, scoped ReadOnlySpan<byte> value)
    {
        Header(value.Length, type);
        value.CopyTo(Take(value.Length));
    }

    public void Put<T>(ushort type, in T value)
        where T : unmanaged
    {
        Header(Unsafe.SizeOf<T>(), type);
        Struct(value);
    }

    /// <summary>Whole attributes, as they were read.</summary>
    public void Verbatim(scoped ReadOnlySpan<byte> attributes) => attributes.CopyTo(Take(attributes.Length));

    /// <summary>Patches the message's length and returns it; it is a multiple of four.</summary>
    public readonly int End()
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        return _length;
    }

    /// <summary>The whole message.</summary>
    public readonly Span<byte> Finish() => _buffer[..End()];

    /// <summary>Numbers a message that is finished.</summary>
    public static void SetSequence(Span<byte> message, uint sequence) => MemoryMarshal.Write(message[SequenceOffset..], sequence);

    private void Header(int payload, ushort type)
    {
        var header = Take(AttributeReader.HeaderSize);
        MemoryMarshal.Write(header, checked((ushort)(AttributeReader.HeaderSize + payload)));
        MemoryMarshal.Write(header[2..], type);
    }

    // Takes its padding along and zeroes it, so that what follows is always aligned.
    private Span<byte> Take(int count)
    {
        var aligned = Alignment.Up(count);
        if (aligned > _buffer.Length - _length)
        {
            throw new InvalidOperationException($"a message of more than {_buffer.Length} bytes");
        }

        var taken = _buffer.Slice(_length, aligned);
        taken[count..].Clear();
        _length += aligned;
        return taken[..count];
    }
}
