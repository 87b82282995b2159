using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class NetworkMapping
{
    public static Network ToModel(V1.Network network, FieldPath path, RequestErrors errors) => new()
    {
        Id = network.Id,
        DisplayName = network.DisplayName,
        PhysicalNetwork = network.PhysicalNetwork,
        Isolation = ToIsolation(network, path, errors),
        GuestMtu = network.HasGuestMtu ? Numbers.ToModel(network.GuestMtu) : null,
        MtuPolicy = network.MtuPolicy switch
        {
            V1.MtuPolicy.Unspecified or V1.MtuPolicy.Require => MtuPolicy.Require,
            V1.MtuPolicy.Fit => MtuPolicy.Fit,
            var other => errors.UnknownValue((int)other, nameof(MtuPolicy), new FieldPath($"{path}.mtu_policy"), MtuPolicy.Require),
        },
        Bridge = BridgeOptionsMapping.ToModel(network.Bridge, path, errors),
        Security = NetworkSecurityMapping.ToModel(network.Security, path, errors),
        Provider = network.Provider,
    };

    public static V1.Network ToMessage(Network network)
    {
        var message = new V1.Network
        {
            Id = network.Id,
            DisplayName = network.DisplayName,
            PhysicalNetwork = network.PhysicalNetwork,
            MtuPolicy = network.MtuPolicy == MtuPolicy.Fit ? V1.MtuPolicy.Fit : V1.MtuPolicy.Require,
            Bridge = BridgeOptionsMapping.ToMessage(network.Bridge),
            Security = NetworkSecurityMapping.ToMessage(network.Security),
            Provider = network.Provider,
        };
        if (network.GuestMtu is { } mtu)
        {
            message.GuestMtu = (uint)mtu;
        }

        switch (network.Isolation)
        {
            case VlanIsolation vlan:
                message.Vlan = new V1.VlanIsolation { Vid = (uint)vlan.Vid };
                break;
            case VxlanIsolation vxlan:
                message.Vxlan = ToMessage(vxlan);
                break;
            default:
                message.Untagged = new V1.UntaggedIsolation();
                break;
        }

        return message;
    }

    private static Isolation ToIsolation(V1.Network network, FieldPath path, RequestErrors errors)
    {
        switch (network.IsolationCase)
        {
            case V1.Network.IsolationOneofCase.Untagged:
                return Untagged;
            case V1.Network.IsolationOneofCase.Vlan:
                return new VlanIsolation(Numbers.ToModel(network.Vlan.Vid));
            case V1.Network.IsolationOneofCase.Vxlan:
                var vxlan = network.Vxlan;
                return new VxlanIsolation(
                    Numbers.ToModel(vxlan.Vni),
                    Numbers.Chosen(vxlan.UdpPort),
                    errors.Address(vxlan.LocalAddress, path, "vxlan.local_address"),
                    ToMode(vxlan, path, errors),
                    Numbers.Chosen(vxlan.Ttl));
            default:
                errors.Wrong.Add($"{path}.isolation", "is required: one of untagged, vlan, vxlan");
                return UnreadIsolation.Instance;
        }
    }

    private static VxlanMode ToMode(V1.VxlanIsolation vxlan, FieldPath path, RequestErrors errors)
    {
        switch (vxlan.ModeCase)
        {
            case V1.VxlanIsolation.ModeOneofCase.Multicast:
                return vxlan.Multicast.Group.Length == 0
                    ? DerivedGroup
                    : new VxlanMulticast(errors.Address(vxlan.Multicast.Group, path, "vxlan.multicast.group"));
            case V1.VxlanIsolation.ModeOneofCase.Static:
                return new VxlanStatic(
                    ToPeers(vxlan.Static, path, errors),
                    ToEntries(vxlan.Static, path, errors),
                    vxlan.Static.HasLearning ? vxlan.Static.Learning : null);
            case V1.VxlanIsolation.ModeOneofCase.Evpn:
                return new VxlanEvpn(vxlan.Evpn.HasNeighbourSuppression ? vxlan.Evpn.NeighbourSuppression : null);
            default:
                errors.Wrong.Add($"{path}.vxlan.mode", "is required: one of multicast, static, evpn");
                return UnreadMode.Instance;
        }
    }

    /// <summary>All of them, or none if one cannot be read: the rules name each by its place.</summary>
    private static ValueList<IPAddress> ToPeers(V1.VxlanStatic known, FieldPath path, RequestErrors errors)
    {
        var peers = ImmutableArray.CreateBuilder<IPAddress>(known.Peers.Count);
        for (var i = 0; i < known.Peers.Count; i++)
        {
            if (errors.TryReadPeer(known.Peers[i].Address, out var address))
            {
                peers.Add(address);
            }
            else
            {
                errors.RequiredAddress(known.Peers[i].Address, new FieldPath($"{path}.vxlan.static.peers", i), "address");
            }
        }

        return peers.Count == known.Peers.Count ? new ValueList<IPAddress>(peers.MoveToImmutable()) : default;
    }

    /// <inheritdoc cref="ToPeers"/>
    private static ValueList<VxlanEntry> ToEntries(V1.VxlanStatic known, FieldPath path, RequestErrors errors)
    {
        var entries = ImmutableArray.CreateBuilder<VxlanEntry>(known.Entries.Count);
        for (var i = 0; i < known.Entries.Count; i++)
        {
            var entry = known.Entries[i];
            if (MacAddress.TryParse(entry.Mac, out var mac) && errors.TryReadPeer(entry.PeerAddress, out var peer))
            {
                entries.Add(new VxlanEntry(mac, peer));
                continue;
            }

            var here = new FieldPath($"{path}.vxlan.static.entries", i);
            errors.RequiredMac(entry.Mac, here, "mac");
            errors.RequiredAddress(entry.PeerAddress, here, "peer_address");
        }

        return entries.Count == known.Entries.Count ? new ValueList<VxlanEntry>(entries.MoveToImmutable()) : default;
    }

    private static V1.VxlanIsolation ToMessage(VxlanIsolation vxlan)
    {
        var message = new V1.VxlanIsolation
        {
            Vni = (uint)vxlan.Vni,
            UdpPort = (uint)(vxlan.UdpPort ?? 0),
            LocalAddress = vxlan.LocalAddress?.ToString() ?? "",
            Ttl = (uint)(vxlan.Ttl ?? 0),
        };
        switch (vxlan.Mode)
        {
            case VxlanStatic known:
                message.Static = ToMessage(known);
                break;
            case VxlanEvpn evpn:
                message.Evpn = new V1.VxlanEvpn();
                if (evpn.NeighbourSuppression is { } suppression)
                {
                    message.Evpn.NeighbourSuppression = suppression;
                }

                break;
            default:
                message.Multicast = new V1.VxlanMulticast { Group = (vxlan.Mode as VxlanMulticast)?.Group?.ToString() ?? "" };
                break;
        }

        return message;
    }

    private static V1.VxlanStatic ToMessage(VxlanStatic known)
    {
        var message = new V1.VxlanStatic();
        foreach (var peer in known.Peers)
        {
            message.Peers.Add(new V1.VxlanPeer { Address = peer.ToString() });
        }

        foreach (var (mac, peer) in known.Entries)
        {
            message.Entries.Add(new V1.VxlanForwardingEntry { Mac = mac.ToString(), PeerAddress = peer.ToString() });
        }

        if (known.Learning is { } learning)
        {
            message.Learning = learning;
        }

        return message;
    }

    private static readonly UntaggedIsolation Untagged = new();
    private static readonly VxlanMulticast DerivedGroup = new((IPAddress?)null);

    /// <summary>Stands where none could be read.</summary>
    private sealed record UnreadIsolation : Isolation
    {
        public static readonly UnreadIsolation Instance = new();
    }

    /// <inheritdoc cref="UnreadIsolation"/>
    private sealed record UnreadMode : VxlanMode
    {
        public static readonly UnreadMode Instance = new();
    }
}
