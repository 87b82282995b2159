using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Generic;

/// <summary>ETHTOOL_A_*: what a NIC says of its cable.</summary>
internal static class EthtoolAttributes
{
    public const byte LinkModesGet = 4;
    public const byte LinkStateGet = 6;

    private const byte Version = 1;

    /// <summary>ETHTOOL_A_LINKMODES_HEADER and ETHTOOL_A_LINKSTATE_HEADER are the same.</summary>
    private const ushort Header = 1;
    private const ushort HeaderDeviceIndex = 1;

    private const ushort ModesAutonegotiation = 2;
    private const ushort ModesSpeed = 5;
    private const ushort ModesDuplex = 6;
    private const ushort StateLink = 2;

    /// <summary>SPEED_UNKNOWN.</summary>
    private const uint UnknownSpeed = uint.MaxValue;

    public static void Write(ref MessageWriter writer, byte command, int link)
    {
        writer.Struct(new GenericHeader { Command = command, Version = Version });
        var header = writer.BeginNested(Header);
        writer.Int32(HeaderDeviceIndex, link);
        writer.EndNested(header);
    }

    /// <summary>Adds speed, duplex and autonegotiation to what is known.</summary>
    public static EthernetState ReadModes(ReadOnlySpan<byte> payload, EthernetState known)
    {
        FamilyHeaders.Read<GenericHeader>(payload, out var attributes);
        foreach (var attribute in new AttributeReader(attributes))
        {
            known = attribute.Type switch
            {
                ModesAutonegotiation => known with { Autonegotiation = attribute.Byte != 0 },
                ModesSpeed => known with { SpeedMbps = attribute.UInt32 is var speed and not (0 or UnknownSpeed) ? speed : null },
                ModesDuplex => known with { FullDuplex = attribute.Byte switch { 0 => false, 1 => true, _ => null } },
                _ => known,
            };
        }

        return known;
    }

    /// <summary>Adds whether there is a link to what is known.</summary>
    public static EthernetState ReadState(ReadOnlySpan<byte> payload, EthernetState known)
    {
        FamilyHeaders.Read<GenericHeader>(payload, out var attributes);
        foreach (var attribute in new AttributeReader(attributes))
        {
            if (attribute.Type == StateLink)
            {
                known = known with { LinkDetected = attribute.Byte != 0 };
            }
        }

        return known;
    }
}
