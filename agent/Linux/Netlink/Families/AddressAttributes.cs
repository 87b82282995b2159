using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFA_*: an IP address on a device.</summary>
internal static class AddressAttributes
{
    private const ushort Address = 1;
    private const ushort Local = 2;
    private const ushort Label = 3;
    private const ushort Broadcast = 4;
    private const ushort Lifetimes = 6;
    private const ushort Flags = 8;
    private const ushort Metric = 9;
    private const ushort Protocol = 11;

    private const uint Forever = uint.MaxValue;

    /// <summary>Null for families other than IPv4 and IPv6.</summary>
    public static InterfaceAddress? Read(ReadOnlySpan<byte> payload, out int link)
    {
        var header = FamilyHeaders.Read<AddressHeader>(payload, out var attributes);
        link = header.Index;
        if (header.Family is not (FamilyNumber.Ipv4 or FamilyNumber.Ipv6))
        {
            return null;
        }

        var family = header.Family == FamilyNumber.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        IPAddress? address = null;
        IPAddress? local = null;
        IPAddress? broadcast = null;
        uint flags = header.Flags;
        uint metric = 0;
        var label = "";
        byte protocol = 0;
        var lifetimes = new CacheInfo { Preferred = Forever, Valid = Forever };
        foreach (var attribute in new AttributeReader(attributes))
        {
            switch (attribute.Type)
            {
                case Address:
                    address = attribute.AddressOf(family);
                    break;
                case Local:
                    local = attribute.AddressOf(family);
                    break;
                case Label:
                    label = attribute.Text;
                    break;
                case Broadcast:
                    broadcast = attribute.AddressOf(family);
                    break;
                case Lifetimes:
                    lifetimes = attribute.Read<CacheInfo>();
                    break;
                case Flags:
                    flags = attribute.UInt32;
                    break;
                case Metric:
                    metric = attribute.UInt32;
                    break;
                case Protocol:
                    protocol = attribute.Byte;
                    break;
            }
        }

        // With a peer, the attribute "address" is the peer's.
        var own = local ?? address ?? throw NetlinkException.Malformed("an address message without an address");
        return new InterfaceAddress(new IpPrefix(own, PrefixOf(header.PrefixLength, own)))
        {
            Peer = address is null || address.Equals(own) ? null : address,
            Broadcast = broadcast,
            Scope = header.Scope,
            Flags = flags,
            Label = label,
            ValidSeconds = Limited(lifetimes.Valid),
            PreferredSeconds = Limited(lifetimes.Preferred),
            Metric = metric,
            Protocol = protocol,
        };
    }

    public static AddressHeader HeaderOf(int link, InterfaceAddress address) => new()
    {
        Family = address.Prefix.IsIpv4 ? FamilyNumber.Ipv4 : FamilyNumber.Ipv6,
        PrefixLength = (byte)address.Prefix.Length,
        Scope = address.Scope,
        Index = link,
    };

    public static void Write(ref MessageWriter writer, InterfaceAddress address)
    {
        WriteKey(ref writer, address);
        if (address.Broadcast is { } broadcast)
        {
            writer.Address(Broadcast, broadcast);
        }

        // Duplicate detection would hold an address back for a second that was in use a moment ago on another device.
        var flags = (address.Flags & AddressFlags.Settable) | (address.Prefix.IsIpv4 ? 0 : AddressFlags.NoDuplicateDetection);
        writer.UInt32(Flags, flags);
        if (address.Metric != 0)
        {
            writer.UInt32(Metric, address.Metric);
        }

        if (address.Protocol != 0)
        {
            writer.Byte(Protocol, address.Protocol);
        }

        if (address.ValidSeconds is not null || address.PreferredSeconds is not null)
        {
            writer.Put(Lifetimes, new CacheInfo { Valid = address.ValidSeconds ?? Forever, Preferred = address.PreferredSeconds ?? Forever });
        }
    }

    /// <summary>What tells one address from another. IPv6 knows no labels.</summary>
    public static void WriteKey(ref MessageWriter writer, InterfaceAddress address)
    {
        writer.Address(Local, address.Prefix.Address);
        writer.Address(Address, address.Peer ?? address.Prefix.Address);
        if (address.Prefix.IsIpv4 && address.Label.Length > 0)
        {
            writer.Text(Label, address.Label);
        }
    }

    /// <summary>A length that no address of this family has is none that the kernel ever sent.</summary>
    internal static int PrefixOf(byte length, IPAddress address) => length <= IpPrefix.MaxLength(address)
        ? length
        : throw NetlinkException.Malformed($"a prefix of {length} bits for {address}");

    private static uint? Limited(uint seconds) => seconds == Forever ? null : seconds;

    /// <summary>struct ifa_cacheinfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CacheInfo
    {
        public uint Preferred;
        public uint Valid;
        public uint Created;
        public uint Updated;
    }
}
