using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_VLAN_*: what makes a VLAN device. Without a protocol the kernel takes 802.1Q.</summary>
internal static class VlanAttributes
{
    private const ushort Id = 1;

    public static void Write(ref MessageWriter writer, VlanSettings vlan) => writer.UInt16(Id, (ushort)vlan.Vid);

    public static VlanSettings Read(AttributeReader attributes)
    {
        var vid = 0;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == Id)
            {
                vid = attribute.UInt16;
            }
        }

        return new VlanSettings(vid);
    }
}
