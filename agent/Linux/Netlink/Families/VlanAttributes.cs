using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_VLAN_*: what makes a VLAN device. Without a protocol the kernel takes 802.1Q.</summary>
internal static class VlanAttributes
{
    private const ushort Id = 1;
    private const ushort Protocol = 5;

    public static void Write(ref MessageWriter writer, VlanSettings vlan)
    {
        writer.UInt16(Id, (ushort)vlan.Vid);
        if (vlan.Protocol != VlanSettings.CustomerTag)
        {
            writer.UInt16BigEndian(Protocol, (ushort)vlan.Protocol);
        }
    }

    public static VlanSettings Read(AttributeReader attributes)
    {
        var vlan = new VlanSettings(0);
        foreach (var attribute in attributes)
        {
            vlan = attribute.Type switch
            {
                Id => vlan with { Vid = attribute.UInt16 },
                Protocol => vlan with { Protocol = attribute.UInt16BigEndian },
                _ => vlan,
            };
        }

        return vlan;
    }
}
