using System.Buffers.Binary;
using System.Numerics;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>What stations say to each other when they do not lie; a case changes what it lies about.</summary>
internal static class Wire
{
    public const int RouterSolicitation = 133;
    public const int RouterAdvertisement = 134;
    public const int NeighbourSolicitation = 135;
    public const int NeighbourAdvertisement = 136;
    public const int Redirect = 137;
    public const byte HopByHop = 0;
    public const byte DestinationOptions = 60;

    private const string Nobody = "00:00:00:00:00:00";

    /// <summary>From a port that no other sending has, unless it is given, so that each is a connection of its own.</summary>
    public static IpPacket Udp4(Station from, Station to, int port, int? source = null, int length = 16) => V4(from, to, Udp(port, source, length));

    public static IpPacket Udp6(Station from, Station to, int port, int? source = null, int length = 16) => V6(from, to, Udp(port, source, length));

    public static IpPacket Tcp4(Station from, Station to, int port, int? source = null, TcpFlags flags = TcpFlags.Syn) => V4(from, to, Tcp(port, source, flags));

    public static IpPacket Tcp6(Station from, Station to, int port, int? source = null, TcpFlags flags = TcpFlags.Syn) => V6(from, to, Tcp(port, source, flags));

    public static IpPacket Sctp4(Station from, Station to, int port) => V4(from, to, Sctp(port));

    public static IpPacket Sctp6(Station from, Station to, int port) => V6(from, to, Sctp(port));

    public static IpPacket Icmp4(Station from, Station to, int type, int code = 0, params byte[] body) =>
        V4(from, to, new(1, n => [(byte)type, (byte)code, 0, 0, .. body.Length > 0 ? body : [.. Packet.Big16(n), .. new byte[10]]], 2));

    public static IpPacket Icmp6(Station from, Station to, int type, int code = 0, params byte[] body) =>
        V6(from, to, new(58, n => [(byte)type, (byte)code, 0, 0, .. body.Length > 0 ? body : [.. Packet.Big16(n), .. new byte[10]]], 2));

    /// <summary>An IP protocol by its number.</summary>
    public static IpPacket Protocol4(Station from, Station to, byte number) => V4(from, to, new(number, _ => new byte[16], null));

    public static IpPacket Protocol6(Station from, Station to, byte number) => V6(from, to, new(number, _ => new byte[16], null));

    /// <summary>"Who has this address?"</summary>
    public static ArpPacket ArpRequest(Station from, string address) =>
        new(1, from.Mac, from.V4, Nobody, address) { SourceMac = from.Mac, DestinationMac = Station.Everybody.Mac };

    public static ArpPacket ArpReply(Station from, Station to) =>
        new(2, from.Mac, from.V4, to.Mac, to.V4) { SourceMac = from.Mac, DestinationMac = to.Mac };

    /// <summary>"Who has this address?", in IPv6.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="address">What it asks for.</param>
    /// <param name="linkLayer">The MAC that it says to have; null: it says nothing.</param>
    public static IpPacket Solicitation(Station from, string address, string? linkLayer = null) =>
        Neighbour(NeighbourSolicitation, from, SolicitedNode(address), address, 1, linkLayer);

    /// <summary>"This address is mine."</summary>
    public static IpPacket Advertisement(Station from, Station to, string address, string? linkLayer = null) =>
        Neighbour(NeighbourAdvertisement, from, to, address, 2, linkLayer);

    public static IpPacket RouterQuestion(Station from, string? linkLayer = null) =>
        Icmp6(from, Station.Group("ff02::2"), RouterSolicitation, 0, [0, 0, 0, 0, .. Option(1, linkLayer)]) with { Source = from.LinkLocal, HopLimit = 255 };

    public static IpPacket RouterAnswer(Station from, Station to) =>
        Icmp6(from, to, RouterAdvertisement, 0, [64, 0, 7, 8, .. new byte[8]]) with { Source = from.LinkLocal, HopLimit = 255 };

    /// <summary>An error about a packet that was sent from <paramref name="about"/>'s source.</summary>
    public static IpPacket Unreachable(Station from, Station to, IpPacket about, int code) =>
        Icmp4(from, to, 3, code, [0, 0, 5, 0, .. about.Frames(1).First()[14..]]);

    /// <summary>Multicast listener messages: in front of them stands a header for routers.</summary>
    public static IpPacket Listener(Station from, int type) =>
        Icmp6(from, Station.Group("ff02::16"), type, 0, [0, 0, 0, 1, 4, 0, 0, 0, .. Packet.Ip("ff02::1:ff00:1")]) with
        {
            Source = from.LinkLocal,
            HopLimit = 1,
            Extension = HopByHop,
        };

    public static IpPacket DhcpQuestion(Station from) => Udp4(from, Station.Everybody, 67, 68) with { Source = "0.0.0.0" };

    public static IpPacket DhcpAnswer(Station from, Station to) => Udp4(from, to, 68, 67);

    public static IpPacket Dhcp6Question(Station from) => Udp6(from, Station.Group("ff02::1:2"), 547, 546) with { Source = from.LinkLocal };

    public static IpPacket Dhcp6Answer(Station from, Station to) => Udp6(from, to, 546, 547) with { Source = from.LinkLocal };

    public static IpPacket Vrrp4(Station from) => Protocol4(from, Station.Group("224.0.0.18"), 112) with { HopLimit = 255 };

    public static IpPacket Vrrp6(Station from) => Protocol6(from, Station.Group("ff02::12"), 112) with { Source = from.LinkLocal, HopLimit = 255 };

    public static OtherPacket Other(Station from, Station to, int type) => new(type) { SourceMac = from.Mac, DestinationMac = to.Mac };

    /// <summary>Those who may have the address.</summary>
    public static Station SolicitedNode(string address)
    {
        var bytes = Packet.Ip(address);
        return Station.Group(new System.Net.IPAddress([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. bytes[13..]]).ToString());
    }

    private static IpPacket Neighbour(int type, Station from, Station to, string address, byte option, string? linkLayer) =>
        Icmp6(from, to, type, 0, [0x20, 0, 0, 0, .. Packet.Ip(address), .. Option(option, linkLayer)]) with { HopLimit = 255 };

    private static byte[] Option(byte type, string? linkLayer) => linkLayer is null ? [] : [type, 1, .. Packet.Bytes(linkLayer)];

    private static IpContent Udp(int port, int? source, int length) =>
        new(17, n => [.. Packet.Big16(source ?? n), .. Packet.Big16(port), .. Packet.Big16(8 + length), 0, 0, .. new byte[length]], 6);

    private static IpContent Tcp(int port, int? source, TcpFlags flags)
    {
        // Each side's first byte has number 1, so that an answer is one.
        byte[] rest = [0, 0, 0, 1, 0, 0, 0, (byte)(flags.HasFlag(TcpFlags.Ack) ? 2 : 0), 0x50, (byte)flags, 0x10, 0, 0, 0, 0, 0];
        return new(6, n => [.. Packet.Big16(source ?? n), .. Packet.Big16(port), .. rest], 16);
    }

    private static IpContent Sctp(int port) => new(132, n => SctpInit(n, port), null);

    private static byte[] SctpInit(int source, int port)
    {
        byte[] packet = [.. Packet.Big16(source), .. Packet.Big16(port), .. new byte[8], 1, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0x10, 0, 0, 1, 0, 1, 0, 0, 0, 1];
        var sum = packet.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), ~sum);
        return packet;
    }

    private static IpPacket V4(Station from, Station to, IpContent content) => new(from.V4, to.V4, content) { SourceMac = from.Mac, DestinationMac = to.Mac };

    private static IpPacket V6(Station from, Station to, IpContent content) =>
        new(from.V6, to.V6, content) { SourceMac = from.Mac, DestinationMac = to.Mac == Station.Everybody.Mac ? "33:33:00:00:00:01" : to.Mac };
}

[Flags]
internal enum TcpFlags
{
    Syn = 2,
    Reset = 4,
    Ack = 16,
}
