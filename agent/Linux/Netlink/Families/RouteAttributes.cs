using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>RTA_*: a route. Attributes that mean nothing here are kept as they came, and sent back so.</summary>
internal static class RouteAttributes
{
    private const ushort Destination = 1;
    private const ushort Source = 2;
    private const ushort InputLink = 3;
    private const ushort OutputLink = 4;
    private const ushort Gateway = 5;
    private const ushort Metric = 6;
    private const ushort PreferredSource = 7;
    private const ushort MultiPath = 9;
    private const ushort CacheInfo = 12;
    private const ushort Table = 15;
    private const ushort Expires = 23;
    private const ushort Padding = 24;
    private const ushort NextHopObject = 30;

    /// <summary>RTM_F_CLONED: an entry of the routing cache.</summary>
    private const uint Cloned = 0x200;

    /// <summary>RTNH_F_PERVASIVE and RTNH_F_ONLINK; the others are the kernel's own findings.</summary>
    private const uint Settable = 0x2 | 0x4;

    /// <summary>rta_expires in struct rta_cacheinfo, in hundredths of a second.</summary>
    private const int ExpiresOffset = 8;

    private const int TicksPerSecond = 100;

    /// <summary>struct rtnexthop, and where in it the device stands.</summary>
    private const int HopHeaderSize = 8;
    private const int HopLink = 4;

    /// <summary>Null for cached routes and for families other than IPv4 and IPv6.</summary>
    public static Route? Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<RouteHeader>(payload, out var attributes);
        if ((header.Flags & Cloned) != 0 || header.Family is not (FamilyNumber.Ipv4 or FamilyNumber.Ipv6))
        {
            return null;
        }

        var family = header.Family == FamilyNumber.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        IPAddress? destination = null;
        var link = 0;
        uint table = header.Table;
        uint metric = 0;
        IPAddress? gateway = null;
        IPAddress? preferredSource = null;
        var compound = false;
        var byObject = false;
        List<byte>? others = null;
        List<int>? hops = null;
        foreach (var attribute in new AttributeReader(attributes))
        {
            switch (attribute.Type)
            {
                case Destination:
                    destination = attribute.AddressOf(family);
                    break;
                case OutputLink:
                    link = attribute.Int32;
                    break;
                case Gateway:
                    gateway = attribute.AddressOf(family);
                    break;
                case Metric:
                    metric = attribute.UInt32;
                    break;
                case PreferredSource:
                    preferredSource = attribute.AddressOf(family);
                    break;
                case Table:
                    table = attribute.UInt32;
                    break;
                case CacheInfo:
                    KeepExpiry(attribute.Payload, ref others);
                    break;
                case Padding:
                    break;
                default:
                    // A source prefix needs its length too, which only the header has.
                    compound |= attribute.Type is MultiPath or NextHopObject or Source or InputLink;
                    byObject |= attribute.Type == NextHopObject;
                    if (attribute.Type == MultiPath)
                    {
                        KeepHops(attribute.Payload, ref hops);
                    }

                    Keep(attribute.Whole, ref others);
                    break;
            }
        }

        destination ??= family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        return new Route(
            new IpPrefix(destination, AddressAttributes.PrefixOf(header.DestinationLength, destination)), byObject ? 0 : link)
        {
            Table = table,
            Protocol = header.Protocol,
            Type = header.Type,
            Scope = header.Scope,
            Tos = header.Tos,
            Metric = metric,
            // With a next hop object the kernel shows its parts too, and refuses both together.
            Gateway = byObject ? null : gateway,
            PreferredSource = preferredSource,
            Flags = byObject ? 0 : header.Flags & Settable,
            IsCompound = compound,
            Hops = hops?.ToValueList() ?? (byObject && link != 0 ? [link] : []),
            Others = others is null ? [] : ValueList.Create<byte>(byObject ? WithoutHops(others) : CollectionsMarshal.AsSpan(others)),
        };
    }

    public static RouteHeader HeaderOf(Route route) => new()
    {
        Family = route.Destination.IsIpv4 ? FamilyNumber.Ipv4 : FamilyNumber.Ipv6,
        DestinationLength = (byte)route.Destination.Length,
        Tos = route.Tos,
        // RT_TABLE_UNSPEC, for numbers that only the attribute holds.
        Table = route.Table <= byte.MaxValue ? (byte)route.Table : (byte)0,
        Protocol = route.Protocol,
        Scope = route.Scope,
        Type = route.Type,
        Flags = route.Flags & Settable,
    };

    public static void Write(ref MessageWriter writer, Route route)
    {
        if (route.Destination.Length > 0)
        {
            writer.Address(Destination, route.Destination.Address);
        }

        writer.UInt32(Table, route.Table);
        if (route.Link != 0)
        {
            writer.Int32(OutputLink, route.Link);
        }

        if (route.Gateway is { } gateway)
        {
            writer.Address(Gateway, gateway);
        }

        if (route.Metric != 0)
        {
            writer.UInt32(Metric, route.Metric);
        }

        if (route.PreferredSource is { } source)
        {
            writer.Address(PreferredSource, source);
        }

        writer.Verbatim(route.Others.AsSpan());
    }

    /// <summary>The devices of several next hops; each is a header of its own length with attributes behind it.</summary>
    private static void KeepHops(ReadOnlySpan<byte> payload, ref List<int>? hops)
    {
        while (payload.Length >= HopHeaderSize)
        {
            int length = MemoryMarshal.Read<ushort>(payload);
            if (length < HopHeaderSize)
            {
                return;
            }

            (hops ??= []).Add(MemoryMarshal.Read<int>(payload[HopLink..]));
            payload = payload[Math.Min(Alignment.Up(length), payload.Length)..];
        }
    }

    private static void Keep(ReadOnlySpan<byte> attribute, ref List<byte>? others)
    {
        others ??= [];
        others.AddRange(attribute);
        CollectionsMarshal.SetCount(others, Alignment.Up(others.Count));
    }

    /// <summary>The kernel tells the time that is left, and wants to be told it as another attribute and in seconds.</summary>
    private static void KeepExpiry(ReadOnlySpan<byte> cacheInfo, ref List<byte>? others)
    {
        if (cacheInfo.Length >= ExpiresOffset + sizeof(int) && MemoryMarshal.Read<int>(cacheInfo[ExpiresOffset..]) is > 0 and var ticks)
        {
            Span<byte> attribute = stackalloc byte[AttributeReader.HeaderSize + sizeof(uint)];
            MemoryMarshal.Write(attribute, (ushort)attribute.Length);
            MemoryMarshal.Write(attribute[2..], Expires);
            MemoryMarshal.Write(attribute[4..], (uint)((ticks + TicksPerSecond - 1) / TicksPerSecond));
            Keep(attribute, ref others);
        }
    }

    private static ReadOnlySpan<byte> WithoutHops(List<byte> others)
    {
        List<byte>? kept = [];
        foreach (var attribute in new AttributeReader(CollectionsMarshal.AsSpan(others)))
        {
            if (attribute.Type != MultiPath)
            {
                Keep(attribute.Whole, ref kept);
            }
        }

        return CollectionsMarshal.AsSpan(kept);
    }
}
