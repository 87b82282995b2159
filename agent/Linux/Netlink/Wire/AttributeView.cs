using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>One attribute where it lies in the message. A payload that is too short for what is asked is a malformed message.</summary>
internal readonly ref struct AttributeView(ushort rawType, ReadOnlySpan<byte> whole)
{
    /// <summary>NLA_F_NESTED and NLA_F_NET_BYTEORDER stand in the type's upper bits.</summary>
    public const ushort NestedFlag = 0x8000;

    private const ushort TypeMask = 0x3fff;

    public ushort Type => (ushort)(rawType & TypeMask);

    public bool IsMarkedNested => (rawType & NestedFlag) != 0;

    /// <summary>With its header, without its padding.</summary>
    public ReadOnlySpan<byte> Whole { get; } = whole;

    public ReadOnlySpan<byte> Payload => Whole[AttributeReader.HeaderSize..];

    public AttributeReader Nested => new(Payload);

    public byte Byte => Read<byte>();

    public ushort UInt16 => Read<ushort>();

    public uint UInt32 => Read<uint>();

    public int Int32 => Read<int>();

    public int Int32BigEndian => BinaryPrimitives.ReverseEndianness(Read<int>());

    public ushort UInt16BigEndian => BinaryPrimitives.ReverseEndianness(Read<ushort>());

    /// <summary>Up to the first zero byte, if there is one.</summary>
    public string Text
    {
        get
        {
            var end = Payload.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Payload : Payload[..end]);
        }
    }

    /// <summary>Null for a link layer other than Ethernet's.</summary>
    public MacAddress? Mac => Payload.Length == MacAddress.Length ? new MacAddress(Payload) : null;

    /// <summary>An IPv4 or IPv6 address, as its length says.</summary>
    public IPAddress Address => Payload.Length is 4 or 16
        ? new IPAddress(Payload)
        : throw NetlinkException.Malformed($"attribute {Type}: an address of {Payload.Length} bytes");

    /// <summary>An address whose family the message says.</summary>
    public IPAddress AddressOf(AddressFamily family) => Payload.Length == (family == AddressFamily.InterNetwork ? 4 : 16)
        ? new IPAddress(Payload)
        : throw NetlinkException.Malformed($"attribute {Type}: {Payload.Length} bytes are no address of {family}");

    public T Read<T>()
        where T : unmanaged
    {
        return Payload.Length >= Unsafe.SizeOf<T>()
            ? MemoryMarshal.Read<T>(Payload)
            : throw NetlinkException.Malformed($"attribute {Type}: {Payload.Length} bytes instead of {Unsafe.SizeOf<T>()}");
    }
}
