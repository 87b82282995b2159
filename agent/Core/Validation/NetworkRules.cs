using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What a Network has to be by itself, whatever else is on the host.</summary>
public static class NetworkRules
{
    public const int MostVni = 16_777_215;
    public const int MostVid = 4094;
    public const int MostPeers = 4096;

    private const int MostDisplayName = 64;

    /// <summary>Comparing each with each is faster than a table up to about here.</summary>
    private const int FewItems = 8;

    public static void Check(Network network, FieldPath path, Violations violations)
    {
        violations.CheckId(network.Id, path, "id");
        violations.CheckLength(network.DisplayName, MostDisplayName, path, "display_name");
        violations.CheckDevice(network.PhysicalNetwork, path, "physical_network");
        violations.CheckRange(network.GuestMtu, RangeRules.LeastMtu, RangeRules.MostMtu, path, "guest_mtu");
        switch (network.Isolation)
        {
            case VlanIsolation vlan:
                violations.CheckRange(vlan.Vid, 1, MostVid, path, "vlan.vid");
                break;
            case VxlanIsolation vxlan:
                CheckVxlan(vxlan, path, violations);
                break;
        }

        if (network.Security is { } security)
        {
            NetworkSecurityRules.Check(security, path, violations);
        }

        if (network.Bridge is { } bridge)
        {
            if (network.Isolation is UntaggedIsolation)
            {
                violations.Add($"{path}.bridge", "is refused for an untagged network, whose bridge is the physical network's");
            }

            BridgeOptionRules.Check(bridge, path, violations);
        }
    }

    private static void CheckVxlan(VxlanIsolation vxlan, FieldPath path, Violations violations)
    {
        violations.CheckRange(vxlan.Vni, 1, MostVni, path, "vxlan.vni");
        violations.CheckRange(vxlan.UdpPort, 1, 65_535, path, "vxlan.udp_port");
        violations.CheckRange(vxlan.Ttl, 1, 255, path, "vxlan.ttl");
        violations.CheckUnicast(vxlan.LocalAddress, path, "vxlan.local_address");
        switch (vxlan.Mode)
        {
            case VxlanMulticast { Group: { } group }:
                CheckGroup(group, vxlan.LocalAddress, path, violations);
                break;
            case VxlanStatic known:
                CheckPeers(known.Peers.AsSpan(), vxlan.LocalAddress, path, violations);
                CheckEntries(known.Entries.AsSpan(), FirstFamily(vxlan.LocalAddress, known.Peers.AsSpan()), path, violations);
                break;
        }
    }

    private static void CheckGroup(IPAddress group, IPAddress? local, FieldPath path, Violations violations)
    {
        if (!AddressRules.IsMulticast(group))
        {
            violations.Add($"{path}.vxlan.multicast.group", $"{group} is not a multicast address");
        }
        else if (local is not null && local.AddressFamily != group.AddressFamily)
        {
            violations.Add($"{path}.vxlan.multicast.group", $"{group} is {AddressRules.Family(group)}, and local_address {local} is not");
        }
    }

    private static void CheckPeers(ReadOnlySpan<IPAddress> peers, IPAddress? local, FieldPath path, Violations violations)
    {
        if (peers.Length > MostPeers)
        {
            violations.Add($"{path}.vxlan.static.peers", $"{peers.Length} peers are more than {MostPeers}");
            return;
        }

        var table = peers.Length > FewItems ? new Dictionary<IPAddress, int>(peers.Length) : null;
        for (var i = 0; i < peers.Length; i++)
        {
            var peer = peers[i];
            if (AddressRules.Fault(peer) is { } fault)
            {
                violations.Add($"{path}.vxlan.static.peers[{i}].address", $"{peer} {fault}");
            }
            else if (local is not null && peer.AddressFamily != local.AddressFamily)
            {
                violations.Add($"{path}.vxlan.static.peers[{i}].address", $"{peer} is {AddressRules.Family(peer)}, and local_address {local} is not");
            }
            else if (peer.AddressFamily != peers[0].AddressFamily)
            {
                violations.Add($"{path}.vxlan.static.peers[{i}].address", $"{peer} is {AddressRules.Family(peer)}, and peers[0] is not");
            }

            var first = table is null ? peers[..i].IndexOf(peer) : table.TryAdd(peer, i) ? -1 : table[peer];
            if (first >= 0)
            {
                violations.Add($"{path}.vxlan.static.peers[{i}].address", $"{peer} is also peers[{first}]");
            }
        }
    }

    private static void CheckEntries(ReadOnlySpan<VxlanEntry> entries, AddressFamily? wanted, FieldPath path, Violations violations)
    {
        var table = entries.Length > FewItems ? new Dictionary<MacAddress, int>(entries.Length) : null;
        for (var i = 0; i < entries.Length; i++)
        {
            var (mac, peer) = entries[i];
            if (mac.IsGroup || mac.IsZero)
            {
                violations.CheckMac(mac, path, $"vxlan.static.entries[{i}].mac");
            }

            wanted ??= peer.AddressFamily;
            if (AddressRules.Fault(peer) is { } fault)
            {
                violations.Add($"{path}.vxlan.static.entries[{i}].peer_address", $"{peer} {fault}");
            }
            else if (peer.AddressFamily != wanted)
            {
                violations.Add(
                    $"{path}.vxlan.static.entries[{i}].peer_address", $"{peer} is {AddressRules.Family(peer)}, and the network's other addresses are not");
            }

            var first = table is null ? IndexOf(entries[..i], mac) : table.TryAdd(mac, i) ? -1 : table[mac];
            if (first >= 0)
            {
                violations.Add($"{path}.vxlan.static.entries[{i}].mac", $"{mac} is also that of entries[{first}], and is behind one peer only");
            }
        }
    }

    private static AddressFamily? FirstFamily(IPAddress? local, ReadOnlySpan<IPAddress> peers) =>
        local?.AddressFamily ?? (peers.IsEmpty ? null : peers[0].AddressFamily);

    private static int IndexOf(ReadOnlySpan<VxlanEntry> entries, MacAddress mac)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Mac == mac)
            {
                return i;
            }
        }

        return -1;
    }
}
