using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>NDA_* under PF_BRIDGE: an entry of a forwarding table.</summary>
internal static class NeighbourAttributes
{
    private const ushort Peer = 1;
    private const ushort Mac = 2;
    private const ushort Vlan = 5;

    /// <summary>NTF_*: whose table is meant, the device's own or its bridge's, and who made the entry.</summary>
    private const byte FlagSelf = 0x02;
    private const byte FlagMaster = 0x04;
    private const byte FlagExternal = 0x10;

    /// <summary>NUD_*. On a bridge's member PERMANENT makes a MAC the host's own and NOARP pins it to the member.</summary>
    private const ushort StateNoArp = 0x40;
    private const ushort StatePermanent = 0x80;

    /// <summary>
    /// Null for ARP's and IPv6's neighbours, and for a device's own filter lists, which the kernel shows beside the forwarding tables.
    /// </summary>
    public static ForwardingEntry? Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<NeighbourHeader>(payload, out var attributes);
        if (header.Family != FamilyNumber.Bridge)
        {
            return null;
        }

        IPAddress? peer = null;
        MacAddress? mac = null;
        var vid = 0;
        foreach (var attribute in new AttributeReader(attributes))
        {
            switch (attribute.Type)
            {
                case Peer:
                    peer = attribute.Address;
                    break;
                case Mac:
                    mac = attribute.Mac;
                    break;
                case Vlan:
                    vid = attribute.UInt16;
                    break;
            }
        }

        if (mac is not { } known || (peer is null && (header.Flags & FlagSelf) != 0))
        {
            return null;
        }

        return new ForwardingEntry(header.Index, known, peer)
        {
            Permanent = (header.State & (StatePermanent | StateNoArp)) != 0,
            External = (header.Flags & FlagExternal) != 0,
            Vid = vid,
        };
    }

    public static NeighbourHeader HeaderOf(ForwardingEntry entry) => new()
    {
        Family = FamilyNumber.Bridge,
        Index = entry.Link,
        State = entry.Peer is null ? StateNoArp : (ushort)(StateNoArp | StatePermanent),
        Flags = (byte)((entry.Peer is null ? FlagMaster : FlagSelf) | (entry.External ? FlagExternal : 0)),
    };

    /// <summary>What a dump of one device's entries asks for; 0 is all devices.</summary>
    public static NeighbourHeader FilterFor(int link) => new() { Family = FamilyNumber.Bridge, Index = link };

    public static void Write(ref MessageWriter writer, ForwardingEntry entry)
    {
        writer.Mac(Mac, entry.Mac);
        if (entry.Peer is { } peer)
        {
            writer.Address(Peer, peer);
        }

        if (entry.Vid != 0)
        {
            writer.UInt16(Vlan, (ushort)entry.Vid);
        }
    }
}
