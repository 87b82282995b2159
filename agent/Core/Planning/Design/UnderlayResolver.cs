using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>Finds what is behind a label on this host, and what is wrong with it.</summary>
public static class UnderlayResolver
{
    /// <summary>The underlay as it is, or for a managed one as the plan will make it; null with the reasons added.</summary>
    public static Underlay? Resolve(PhysicalNetwork network, HostState state, ICollection<Failure> failures)
    {
        var named = state.Find(network.Label);
        if (named?.Kind == LinkKind.OpenVSwitch)
        {
            failures.Add(Refuse(
                network,
                "HELD_BY_OTHER",
                $"{network.Label} is an Open vSwitch bridge, which no provider of this agent realises networks on",
                "use another label, or a provider for Open vSwitch"));
            return null;
        }

        var isManaged = network.Mode == PhysicalNetworkMode.Manage;
        if (named is null && !isManaged)
        {
            failures.Add(Missing(network, state));
            return null;
        }

        var isUplink = named is not null && named.Kind != LinkKind.Bridge;
        if (isUplink && network.Uplink.Length > 0 && state.Find(network.Uplink)?.Index != named!.Index)
        {
            failures.Add(Refuse(
                network,
                "NOT_A_BRIDGE",
                $"{network.Label} is here, and is no bridge{KindOf(named)}, so it cannot have the uplink {network.Uplink}",
                "rename that device, use another label, or leave uplink empty"));
            return null;
        }

        var bridge = isUplink ? null : named;
        var uplink = named;
        if (!isUplink && !TryFindUplink(network, bridge, state, failures, out uplink))
        {
            return null;
        }

        if (isManaged && uplink is null)
        {
            failures.Add(Refuse(network, "NO_UPLINK", $"{network.Label} has no uplink to manage", "name the uplink in the physical network"));
            return null;
        }

        // A VLAN device on what Open vSwitch has would take its frames away from it; a bond or a team sends and hears by any of its members.
        var isHeld = isUplink
            ? uplink!.MasterKind is LinkKind.OpenVSwitch or LinkKind.Bond or LinkKind.Team
            : isManaged && uplink!.Master != 0 && uplink.Master != bridge?.Index;
        if (isHeld)
        {
            failures.Add(Held(network, uplink!, state, ""));
            return null;
        }

        var uplinkMtu = isManaged ? network.Mtu ?? uplink!.Mtu : uplink?.Mtu ?? 0;
        var bridgeMtu = isUplink ? 0 : isManaged ? network.Mtu ?? MtuOver(bridge, uplink!) : bridge!.Mtu;
        var addresses = new List<IPAddress>();
        AddGlobal(addresses, bridge, state);
        AddGlobal(addresses, uplink, state);
        return new Underlay(
            network.Label,
            isUplink ? "" : bridge?.Name ?? network.Label,
            bridgeMtu,
            uplink?.Name ?? "",
            uplinkMtu,
            network.TunnelAddress,
            addresses.ToValueList());
    }

    /// <summary>The uplink of a bridge: the one that was named, or the one member that leads out of the host, if there is one.</summary>
    private static bool TryFindUplink(
        PhysicalNetwork network, Link? bridge, HostState state, ICollection<Failure> failures, out Link? uplink)
    {
        if (network.Uplink.Length == 0)
        {
            uplink = bridge is null ? null : OnlyWayOut(bridge, state);
            return true;
        }

        uplink = state.Find(network.Uplink);
        if (uplink is null)
        {
            failures.Add(UplinkMissing(network, network.Uplink));
            return false;
        }

        if (network.Mode == PhysicalNetworkMode.CheckOnly && uplink.Master != bridge!.Index)
        {
            failures.Add(uplink.Master == 0
                ? Refuse(
                    network,
                    "UPLINK_ELSEWHERE",
                    $"the uplink {uplink.Name} is here, and not in {network.Label}",
                    $"put {uplink.Name} into {network.Label}, or use mode MANAGE")
                : Held(network, uplink, state, $", not to {network.Label}"));
            return false;
        }

        return true;
    }

    /// <summary>Guests' taps and the agent's own devices never lead out; a NIC, a bond or a VLAN device does.</summary>
    internal static bool LeadsOut(Link member) =>
        member.Kind is "" or LinkKind.Bond or LinkKind.Team or LinkKind.Vlan && Ownership.Read(member.Alias) is null;

    /// <summary>The one member of a bridge that leads out of the host; null if there is none, or more than one.</summary>
    internal static Link? OnlyWayOut(Link bridge, HostState state)
    {
        Link? found = null;
        foreach (var member in state.Members(bridge.Index))
        {
            if (LeadsOut(member))
            {
                if (found is not null)
                {
                    return null;
                }

                found = member;
            }
        }

        return found;
    }

    /// <summary>A bridge is left as it is, but not wider than an uplink that comes to it: the kernel would lower it, too.</summary>
    private static int MtuOver(Link? bridge, Link uplink) =>
        bridge is null ? uplink.Mtu : uplink.Master == bridge.Index ? bridge.Mtu : Math.Min(bridge.Mtu, uplink.Mtu);

    private static void AddGlobal(List<IPAddress> addresses, Link? link, HostState state)
    {
        if (link is not null)
        {
            addresses.AddRange(state.Addresses(link.Index).Where(IsGlobal).Select(a => a.Prefix.Address));
        }
    }

    internal static bool IsGlobal(InterfaceAddress address) =>
        address.Scope == 0
        && (address.Prefix.Address.AddressFamily == AddressFamily.InterNetworkV6
            ? !address.Prefix.Address.IsIPv6LinkLocal
            : address.Prefix.Address.GetAddressBytes() is not [169, 254, ..]);

    internal static Failure UplinkMissing(PhysicalNetwork network, string uplink) => Refuse(
        network,
        "UPLINK_MISSING",
        $"the uplink {uplink} of {network.Label} is not on this host",
        "name another uplink, or see why the kernel does not have it");

    internal static Failure Missing(PhysicalNetwork network, HostState state)
    {
        var bridges = BridgesOf(state);
        return Refuse(
            network,
            "LABEL_MISSING",
            $"label {network.Label} is not on this host; bridges here: {(bridges.Count == 0 ? "none" : string.Join(", ", (IEnumerable<string>)bridges))}",
            "use one of these labels, make the bridge, or use mode MANAGE");
    }

    /// <summary>Those that could be a label: the bridges that are not networks of the agent's.</summary>
    internal static ValueList<string> BridgesOf(HostState state) => state.Links
        .Where(l => l.Kind is LinkKind.Bridge or LinkKind.OpenVSwitch && Ownership.Read(l.Alias)?.Kind is null or Ownership.Physical or Ownership.AdoptedPhysical)
        .Select(l => l.Name).Order(StringComparer.Ordinal).ToValueList();

    private static Failure Held(PhysicalNetwork network, Link uplink, HostState state, string notTo)
    {
        var holder = state.NameOf(uplink.Master);
        return Refuse(
            network,
            "HELD_BY_OTHER",
            $"the uplink {uplink.Name} belongs to {holder}{(uplink.MasterKind.Length == 0 ? "" : $" ({uplink.MasterKind})")}{notTo}",
            $"take {uplink.Name} out of {holder}, or use {(uplink.MasterKind == LinkKind.OpenVSwitch ? "another label" : $"the label of {holder}")}");
    }

    private static string KindOf(Link link) => link.Kind.Length == 0 ? "" : $" but a {link.Kind} device";

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    internal static Failure Refuse(PhysicalNetwork network, string reason, string message, string remedy) => new()
    {
        Operation = "resolve",
        Subject = ObjectRef.PhysicalNetwork(network.Label),
        Reason = reason,
        Message = message,
        Remedy = remedy,
    };
}
