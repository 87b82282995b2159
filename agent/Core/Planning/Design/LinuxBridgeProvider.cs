using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>A Linux bridge for each network, with a VLAN or VXLAN device under it.</summary>
public sealed class LinuxBridgeProvider(Provider description, string hostname) : INetworkProvider
{
    public const string Name = "linux-bridge";

    private const int DefaultGuestMtu = 1500;
    private const int LeastMtu = 576;
    private const int DefaultUdpPort = 4789;
    private const int MulticastTtl = 10;
    private const int UnicastTtl = 64;

    /// <summary>Inner Ethernet, VXLAN, UDP and outer IP headers.</summary>
    private const int Ipv4Overhead = 14 + 8 + 8 + 20;
    private const int Ipv6Overhead = 14 + 8 + 8 + 40;

    public Provider Description => description;

    public NetworkDesign? Design(Network network, Underlay underlay, ICollection<Failure> failures) => network.Isolation switch
    {
        VlanIsolation vlan => Vlan(network, vlan, underlay, failures),
        VxlanIsolation vxlan => Vxlan(network, vxlan, underlay, failures),
        _ => Untagged(network, underlay, failures),
    };

    private NetworkDesign? Untagged(Network network, Underlay underlay, ICollection<Failure> failures)
    {
        if (underlay.Bridge.Length == 0)
        {
            failures.Add(Refuse(
                network,
                "NO_BRIDGE",
                $"an untagged network needs a bridge, and {underlay.Label} is the uplink {underlay.Uplink} without one",
                $"put {underlay.Uplink} under a bridge and name that in physical_network"));
            return null;
        }

        return Base(network, underlay.Narrowest, 0, new KernelName(underlay.Bridge, null), new KernelName(underlay.Uplink, null), failures);
    }

    private NetworkDesign? Vlan(Network network, VlanIsolation vlan, Underlay underlay, ICollection<Failure> failures)
    {
        if (underlay.Uplink.Length == 0)
        {
            failures.Add(Refuse(
                network,
                "NO_UPLINK",
                $"VLAN {Text(vlan.Vid)} needs an uplink, and the bridge {underlay.Bridge} has none",
                $"add the uplink to {underlay.Bridge}, or name it in the physical network"));
            return null;
        }

        var (bridge, device) = (KernelNames.VlanBridge(underlay.Uplink, vlan.Vid), KernelNames.VlanDevice(underlay.Uplink, vlan.Vid));
        // The VLAN device stands on the uplink itself: the physical network's own bridge is not on its way.
        return Base(network, (underlay.Uplink, underlay.UplinkMtu), 0, bridge, device, failures) is not { } design ? null : design with
        {
            Links =
            [
                BridgeOf(design),
                DeviceOf(design, LinkKind.Vlan) with { Parent = underlay.Uplink, Vlan = new VlanSettings(vlan.Vid) },
            ],
        };
    }

    private NetworkDesign? Vxlan(Network network, VxlanIsolation vxlan, Underlay underlay, ICollection<Failure> failures)
    {
        var family = FamilyOf(vxlan) ?? underlay.TunnelAddress?.AddressFamily;
        var chosen = vxlan.LocalAddress ?? underlay.TunnelAddress;
        var local = chosen ?? underlay.TunnelAddressFor(family);
        var isMulticast = vxlan.Mode is VxlanMulticast;
        if (local is null && !isMulticast)
        {
            failures.Add(Refuse(
                network,
                "NO_TUNNEL_ADDRESS",
                $"VXLAN {Text(vxlan.Vni)} has no {(family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4")} address to send from on {underlay.Label}",
                $"give {underlay.Device} an address, or set tunnel_address or local_address"));
            return null;
        }

        if (local is not null && family is not null && local.AddressFamily != family)
        {
            failures.Add(Refuse(
                network, "ADDRESS_FAMILY", $"VXLAN {Text(vxlan.Vni)} sends from {local}, and its peers are of the other address family", ""));
            return null;
        }

        family ??= local?.AddressFamily ?? AddressFamily.InterNetwork;
        var overhead = family == AddressFamily.InterNetworkV6 ? Ipv6Overhead : Ipv4Overhead;
        var (bridge, device) = (KernelNames.VxlanBridge(vxlan.Vni), KernelNames.VxlanDevice(vxlan.Vni));
        if (Base(network, underlay.Narrowest, overhead, bridge, device, failures) is not { } design)
        {
            return null;
        }

        var group = (vxlan.Mode as VxlanMulticast) is { } multicast
            ? multicast.Group ?? DeriveGroup(vxlan.Vni, family == AddressFamily.InterNetworkV6)
            : null;
        var learning = vxlan.Mode switch
        {
            VxlanStatic s => s.Learning ?? s.Entries.Count == 0,
            VxlanEvpn => false,
            _ => true,
        };

        // Without an address of their own choice multicast tunnels leave it to the kernel, as devices made by hand do.
        var source = isMulticast ? chosen : local;
        var settings = new VxlanSettings(
            vxlan.Vni, vxlan.UdpPort ?? DefaultUdpPort, source, group, vxlan.Ttl ?? (isMulticast ? MulticastTtl : UnicastTtl), learning);
        var link = DeviceOf(design, LinkKind.Vxlan) with
        {
            Vxlan = settings,
            Parent = isMulticast ? underlay.Device : null,

            // Said for all modes, for a device that changes from one to another keeps what it had.
            Port = vxlan.Mode is VxlanEvpn evpn ? new BridgePortSettings(false, evpn.NeighbourSuppression ?? true) : new BridgePortSettings(true, false),
        };
        return design with
        {
            Links = [BridgeOf(design), link],
            Group = group,
            GroupDevice = group is null ? "" : underlay.Device,
            Forwarding = vxlan.Mode is VxlanStatic known
                ? (ValueList<Flood>?)known.Peers.Where(p => !p.Equals(local)).Select(p => new Flood(MacAddress.Zero, p))
                    .Concat(known.Entries.Select(e => new Flood(e.Mac, e.Peer))).Distinct().ToValueList()
                : null,
        };
    }

    private NetworkDesign? Base(
        Network network, (string Device, int Mtu) underlay, int overhead, KernelName bridge, KernelName device, ICollection<Failure> failures)
    {
        var wanted = network.GuestMtu ?? DefaultGuestMtu;
        var room = Math.Min(underlay.Mtu - overhead, description.MaxMtu ?? int.MaxValue);
        var mtu = wanted;
        if (wanted > room)
        {
            if (network.MtuPolicy != MtuPolicy.Fit || room < LeastMtu)
            {
                failures.Add(Refuse(
                    network,
                    "UNDERLAY_MTU_TOO_SMALL",
                    $"guest MTU {Text(wanted)} needs {Text(wanted + overhead)} on {underlay.Device}, which has {Text(underlay.Mtu)}",
                    $"raise it{(room >= LeastMtu ? $" or set guest_mtu {Text(room)}" : "")}") with
                { Operation = "mtu" });
                return null;
            }

            mtu = room;
        }

        return new NetworkDesign
        {
            Network = network,
            Provider = description.Name,
            Alias = new Ownership(Ownership.Network, network.Id).Alias,
            Bridge = bridge,
            Device = device,
            GuestMtu = mtu,
            WantedMtu = wanted,
            UnderlayMtu = underlay.Mtu,
            ShapedBy = description.ShapedBy,
        };
    }

    private LinkSpec BridgeOf(NetworkDesign design) => new()
    {
        Name = design.Bridge.Name,
        AltName = design.Bridge.AltName,
        Kind = LinkKind.Bridge,
        Alias = design.Alias,
        Mtu = design.GuestMtu,
        Mac = design.Network.Bridge?.Mac ?? KernelNames.BridgeMac(hostname, design.Network.Id),
        Ipv6Off = true,
        Bridge = design.Network.Security is null
            ? BridgeDefaults.Settings(design.Network.Bridge)
            : BridgeDefaults.Settings(design.Network.Bridge) with { MeetsFilter = true },
    };

    private static LinkSpec DeviceOf(NetworkDesign design, string kind) => new()
    {
        Name = design.Device.Name,
        AltName = design.Device.AltName,
        Kind = kind,
        Alias = design.Alias,
        Mtu = design.GuestMtu,
        Master = design.Bridge.Name,
        Ipv6Off = true,
    };

    /// <summary>The family that the network's own addresses settle; null if they leave it open.</summary>
    private static AddressFamily? FamilyOf(VxlanIsolation vxlan) => (vxlan.Mode switch
    {
        VxlanMulticast multicast => multicast.Group,
        VxlanStatic { Peers.Count: > 0 } known => known.Peers[0],
        VxlanStatic { Entries.Count: > 0 } known => known.Entries[0].Peer,
        _ => null,
    } ?? vxlan.LocalAddress)?.AddressFamily;

    /// <summary>As CloudStack's hosts derive it: the VNI's three bytes as decimal numbers.</summary>
    private static IPAddress DeriveGroup(int vni, bool ipv6)
    {
        var (x, y, z) = ((vni >> 16) & 255, (vni >> 8) & 255, vni & 255);
        return IPAddress.Parse(
            ipv6 ? string.Create(CultureInfo.InvariantCulture, $"ff05::{x}:{y}:{z}") : string.Create(CultureInfo.InvariantCulture, $"239.{x}.{y}.{z}"));
    }

    internal static int Overhead(VxlanSettings vxlan) =>
        (vxlan.Remote ?? vxlan.Local)?.AddressFamily == AddressFamily.InterNetworkV6 ? Ipv6Overhead : Ipv4Overhead;

    private static Failure Refuse(Network network, string reason, string message, string remedy) => new()
    {
        Operation = "design",
        Subject = ObjectRef.Network(network.Id),
        Reason = reason,
        Message = message,
        Remedy = remedy,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
