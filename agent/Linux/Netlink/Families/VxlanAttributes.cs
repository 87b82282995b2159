using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_VXLAN_*: what makes a VXLAN device.</summary>
internal static class VxlanAttributes
{
    private const ushort Id = 1;
    private const ushort Group = 2;
    private const ushort Parent = 3;
    private const ushort Local = 4;
    private const ushort Ttl = 5;
    private const ushort Learning = 7;
    private const ushort Port = 15;
    private const ushort Group6 = 16;
    private const ushort Local6 = 17;

    public static void Write(ref MessageWriter writer, VxlanSettings vxlan, int parent)
    {
        writer.UInt32(Id, (uint)vxlan.Vni);

        // Always: without it the kernel takes 8472.
        writer.UInt16BigEndian(Port, (ushort)vxlan.UdpPort);
        writer.Bool(Learning, vxlan.Learning);
        if (vxlan.Ttl != 0)
        {
            writer.Byte(Ttl, (byte)vxlan.Ttl);
        }

        if (vxlan.Local is { } local)
        {
            writer.Address(IsIpv4(local) ? Local : Local6, local);
        }

        if (vxlan.Remote is { } remote)
        {
            writer.Address(IsIpv4(remote) ? Group : Group6, remote);
        }

        if (parent != 0)
        {
            writer.Int32(Parent, parent);
        }
    }

    /// <summary>What can change in place.</summary>
    public static void WriteChange(ref MessageWriter writer, VxlanSettings vxlan)
    {
        writer.Byte(Ttl, (byte)vxlan.Ttl);
        writer.Bool(Learning, vxlan.Learning);
    }

    public static VxlanSettings Read(AttributeReader attributes, out int parent)
    {
        var vxlan = new VxlanSettings(0, 0, null, null, 0, false);
        parent = 0;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Id:
                    vxlan = vxlan with { Vni = (int)attribute.UInt32 };
                    break;
                case Port:
                    vxlan = vxlan with { UdpPort = attribute.UInt16BigEndian };
                    break;
                case Learning:
                    vxlan = vxlan with { Learning = attribute.Byte != 0 };
                    break;
                case Ttl:
                    vxlan = vxlan with { Ttl = attribute.Byte };
                    break;
                case Local or Local6:
                    vxlan = vxlan with { Local = Given(attribute.Address) };
                    break;
                case Group or Group6:
                    vxlan = vxlan with { Remote = Given(attribute.Address) };
                    break;
                case Parent:
                    parent = attribute.Int32;
                    break;
            }
        }

        return vxlan;
    }

    private static bool IsIpv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static IPAddress? Given(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? null : address;
}
