using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// A captured Ethernet frame and what tests ask of it; what it does not have is null. A VLAN tag is not in the bytes: the
/// kernel takes it off before anybody sees the frame.
/// </summary>
public sealed record Frame(byte[] Bytes)
{
    public const int Icmp = 1;
    public const int Udp = 17;
    public const ushort Ipv4 = 0x0800;
    public const ushort Ipv6 = 0x86dd;
    public const ushort Arp = 0x0806;

    private const int EthernetHeader = 14;
    private const int Ipv6Header = 40;
    private const int UdpHeader = 8;
    private const int VxlanHeader = 8;

    public string DestinationMac => Mac(0);

    public string SourceMac => Mac(6);

    public ushort EtherType => BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(12));

    public int? IpProtocol => EtherType switch { Ipv4 => Bytes[EthernetHeader + 9], Ipv6 => Bytes[EthernetHeader + 6], _ => null };

    /// <summary>Time to live, or hop limit.</summary>
    public int? Ttl => EtherType switch { Ipv4 => Bytes[EthernetHeader + 8], Ipv6 => Bytes[EthernetHeader + 7], _ => null };

    public bool? DontFragment => EtherType == Ipv4 ? (Bytes[EthernetHeader + 6] & 0x40) != 0 : null;

    public string? Source => EtherType switch { Ipv4 => Address(12, 4), Ipv6 => Address(8, 16), _ => null };

    public string? Destination => EtherType switch { Ipv4 => Address(16, 4), Ipv6 => Address(24, 16), _ => null };

    public ushort? UdpSource => IpProtocol == Udp ? BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(Payload)) : null;

    public ushort? UdpDestination => IpProtocol == Udp ? BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(Payload + 2)) : null;

    /// <summary>The VNI of a frame to one of the two ports that VXLAN has.</summary>
    public int? Vni => IsVxlan ? BinaryPrimitives.ReadInt32BigEndian(Bytes.AsSpan(Payload + UdpHeader + 4)) >>> 8 : null;

    /// <summary>The frame that VXLAN carries.</summary>
    public Frame? Inner => IsVxlan ? new Frame(Bytes[(Payload + UdpHeader + VxlanHeader)..]) : null;

    private bool IsVxlan =>
        UdpDestination is 4789 or CloudStackDevices.DefaultVxlanPort
        && Bytes.Length >= Payload + UdpHeader + VxlanHeader + EthernetHeader;

    private int Payload => EthernetHeader + (EtherType == Ipv4 ? (Bytes[EthernetHeader] & 0xf) * 4 : Ipv6Header);

    public override string ToString()
    {
        var protocol = IpProtocol == Udp ? $"udp {UdpDestination}" : $"protocol {IpProtocol}";
        var ip = IpProtocol is null ? $"type {EtherType:x4}" : $"{Source} > {Destination} {protocol}";
        var vxlan = Inner is { } inner ? $" vni {Vni} [{inner}]" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{SourceMac} > {DestinationMac} {ip} length {Bytes.Length}{vxlan}");
    }

    private string Mac(int offset) =>
        string.Join(':', Bytes.Skip(offset).Take(6).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private string Address(int offset, int length) => new IPAddress(Bytes.AsSpan(EthernetHeader + offset, length)).ToString();
}
