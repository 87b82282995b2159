using System.Net;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>CTA_*: a connection that the kernel tracks.</summary>
internal static class ConnectionAttributes
{
    /// <summary>IPCTNL_MSG_CT_GET of NFNL_SUBSYS_CTNETLINK.</summary>
    public const ushort Get = (1 << 8) | 1;

    /// <summary>IPCTNL_MSG_CT_DELETE.</summary>
    public const ushort Delete = (1 << 8) | 2;

    private const int HeaderSize = 4;
    private const ushort Original = 1;
    private const ushort Id = 12;
    private const ushort Zone = 18;

    private const ushort Addresses = 1;
    private const ushort Ports = 2;

    private const ushort SourceIpv4 = 1;
    private const ushort DestinationIpv4 = 2;
    private const ushort SourceIpv6 = 3;
    private const ushort DestinationIpv6 = 4;

    private const ushort Protocol = 1;
    private const ushort DestinationPort = 3;
    private const ushort IcmpType = 5;
    private const ushort IcmpCode = 6;
    private const ushort Icmpv6Type = 8;
    private const ushort Icmpv6Code = 9;

    /// <summary>struct nfgenmsg: the family, the version, and a number in the order of networks.</summary>
    public static uint Header(Family family) =>
        BitConverter.IsLittleEndian ? (uint)NumberOf(family) : (uint)NumberOf(family) << 24;

    /// <summary>Null for what is no connection between addresses.</summary>
    public static Connection? Read(ReadOnlySpan<byte> payload)
    {
        var (zone, protocol, port, type, code) = ((ushort)0, (byte)0, (ushort)0, (byte)0, (byte)0);
        IPAddress? source = null;
        IPAddress? destination = null;
        foreach (var attribute in new AttributeReader(payload[HeaderSize..]))
        {
            if (attribute.Type == Zone)
            {
                zone = attribute.UInt16BigEndian;
            }
            else if (attribute.Type == Original)
            {
                foreach (var part in attribute.Nested)
                {
                    foreach (var value in part.Nested)
                    {
                        switch (part.Type, value.Type)
                        {
                            case (Addresses, SourceIpv4 or SourceIpv6):
                                source = value.Address;
                                break;
                            case (Addresses, DestinationIpv4 or DestinationIpv6):
                                destination = value.Address;
                                break;
                            case (Ports, Protocol):
                                protocol = value.Byte;
                                break;
                            case (Ports, DestinationPort):
                                port = value.UInt16BigEndian;
                                break;
                            case (Ports, IcmpType or Icmpv6Type):
                                type = value.Byte;
                                break;
                            case (Ports, IcmpCode or Icmpv6Code):
                                code = value.Byte;
                                break;
                        }
                    }
                }
            }
        }

        return source is null || destination is null ? null : new Connection(zone, protocol, source, destination, port, type, code);
    }

    /// <summary>The attributes by which the kernel finds it again, and no other that came after it.</summary>
    public static byte[] Identity(ReadOnlySpan<byte> payload)
    {
        var identity = new List<byte>();
        foreach (var attribute in new AttributeReader(payload[HeaderSize..]))
        {
            if (attribute.Type is Original or Id or Zone)
            {
                identity.AddRange(attribute.Whole);
                identity.AddRange(new byte[Alignment.Up(attribute.Whole.Length) - attribute.Whole.Length]);
            }
        }

        return [.. identity];
    }

    private static byte NumberOf(Family family) => family == Family.V4 ? FamilyNumber.Ipv4 : FamilyNumber.Ipv6;
}
