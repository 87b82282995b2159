using System.Buffers.Binary;
using System.Net;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>
/// What a case sends, as one frame or several. Each sending has a number that is found again in what arrives, at a place that the
/// kernel passes on: IPv4's identification, IPv6's flow label, otherwise the last two bytes.
/// </summary>
public abstract record Packet
{
    private const int Header = 14;

    public required string SourceMac { get; init; }

    public required string DestinationMac { get; init; }

    /// <summary>Null: untagged.</summary>
    public int? Vlan { get; init; }

    /// <summary>The number of its sending; null: one that no other has. Fragments with the same number are parts of one packet.</summary>
    public int? Number { get; init; }

    protected abstract int EtherType { get; }

    /// <summary>The number of the sending that a frame is from.</summary>
    public static int NumberOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
    {
        Frame.Ipv4 => BinaryPrimitives.ReadUInt16BigEndian(frame[(Header + 4)..]),
        Frame.Ipv6 => BinaryPrimitives.ReadUInt16BigEndian(frame[(Header + 2)..]),
        _ => BinaryPrimitives.ReadUInt16BigEndian(frame[^2..]),
    };

    public IEnumerable<byte[]> Frames(int number)
    {
        foreach (var body in Bodies(number))
        {
            byte[] tag = Vlan is { } id ? [0x81, 0x00, .. Big16(id)] : [];
            yield return [.. Bytes(DestinationMac), .. Bytes(SourceMac), .. tag, .. Big16(EtherType), .. body];
        }
    }

    /// <summary>What follows the Ethernet header, of each frame.</summary>
    protected abstract IEnumerable<byte[]> Bodies(int number);

    protected internal static byte[] Bytes(string mac)
    {
        var bytes = new byte[MacAddress.Length];
        MacAddress.Parse(mac).CopyTo(bytes);
        return bytes;
    }

    protected internal static byte[] Big16(int value) => [(byte)(value >> 8), (byte)value];

    protected internal static byte[] Ip(string address) => IPAddress.Parse(address).GetAddressBytes();
}

/// <summary>ARP, with each field to be lied about.</summary>
public sealed record ArpPacket(int Operation, string SenderMac, string SenderIp, string TargetMac, string TargetIp) : Packet
{
    public int HardwareType { get; init; } = 1;

    protected override int EtherType => Frame.Arp;

    protected override IEnumerable<byte[]> Bodies(int number)
    {
        byte[] message =
        [
            .. Big16(HardwareType), .. Big16(Frame.Ipv4), 6, 4, .. Big16(Operation),
            .. Bytes(SenderMac), .. Ip(SenderIp), .. Bytes(TargetMac), .. Ip(TargetIp),
        ];
        yield return [.. message, .. new byte[44 - message.Length], .. Big16(number)];
    }
}

/// <summary>Any other type of frame.</summary>
public sealed record OtherPacket(int Type) : Packet
{
    protected override int EtherType => Type;

    protected override IEnumerable<byte[]> Bodies(int number) => [[.. new byte[44], .. Big16(number)]];
}
