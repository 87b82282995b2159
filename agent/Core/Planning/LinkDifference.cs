using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// What tells a device from its spec, and whether it can be put right in place. In place: alias, MAC, MTU, up, master, IPv6, all of a
/// bridge, a member's settings, a VXLAN's TTL and learning. Everything else of a VLAN or VXLAN device needs a new device.
/// </summary>
internal sealed record LinkDifference
{
    /// <summary>What is to be written in place.</summary>
    public LinkChange Change { get; private init; } = new();

    /// <summary>The same attributes as they are.</summary>
    public LinkChange Before { get; private init; } = new();

    public ValueList<AttributeChange> Attributes { get; private init; }

    /// <summary>What cannot change in place; empty if nothing has to.</summary>
    public ValueList<AttributeChange> Rebuild { get; private init; }

    /// <summary>Whether it is the device that the spec means: same kind, same number, same parent. Otherwise the name is taken.</summary>
    public static bool IsSame(Link link, LinkSpec spec, HostState state) =>
        link.Name == spec.Name
        && link.Kind == spec.Kind
        && link.Vlan == spec.Vlan
        && link.Vxlan?.Vni == spec.Vxlan?.Vni
        && (spec.Kind != LinkKind.Vlan || state.NameOf(link.Parent) == spec.Parent);

    /// <summary>Null if the device is as its spec says. A device that is adopted gets its MAC and MTU pinned.</summary>
    public static LinkDifference? Between(Link link, LinkSpec spec, HostState state, bool adopting)
    {
        var master = state.NameOf(link.Master);
        var rebuild = Rebuilds(link, spec, state);
        var isBridge = spec.Kind == LinkKind.Bridge;
        var change = new LinkChange
        {
            Alias = link.Alias == spec.Alias ? null : spec.Alias,
            Mac = spec.Mac is { } mac && (link.Mac != mac || (adopting && isBridge)) ? mac : null,
            Mtu = link.Mtu == spec.Mtu && !(adopting && isBridge) ? null : spec.Mtu,
            PinMtu = adopting && isBridge,
            Up = link.Up == spec.Up ? null : spec.Up,
            Ipv6Off = spec.Ipv6Off && link.Ipv6Off == false ? true : null,

            // A bridge belongs to nobody's bridge, but perhaps to a VRF, where it stays.
            Master = master == (spec.Master ?? "") || (isBridge && spec.Master is null) ? null : spec.Master ?? "",
            Bridge = IsBridgeSame(link.Bridge, spec.Bridge) ? null : spec.Bridge,
            Vxlan = IsTunnelSame(link.Vxlan, spec.Vxlan) ? null : spec.Vxlan,

            // A device that comes to a bridge anew comes with the kernel's settings for members.
            Port = spec.Port is null || (link.Port == spec.Port && master == spec.Master) ? null : spec.Port,
        };
        if (change.IsEmpty && rebuild.Count == 0)
        {
            return null;
        }

        var before = new LinkChange
        {
            Alias = change.Alias is null ? null : link.Alias,
            Mac = change.Mac is null ? null : link.Mac,
            Mtu = change.Mtu is null ? null : link.Mtu,
            Up = change.Up is null ? null : link.Up,
            Ipv6Off = change.Ipv6Off is null ? null : link.Ipv6Off,
            Master = change.Master is null ? null : master,
            Bridge = change.Bridge is null ? null : link.Bridge,
            Vxlan = change.Vxlan is null ? null : link.Vxlan,
            Port = change.Port is null && change.Master is null ? null : link.Port,
        };
        return new LinkDifference { Change = change, Before = before, Attributes = Words(before, change), Rebuild = rebuild };
    }

    public static ValueList<AttributeChange> Words(LinkChange before, LinkChange after)
    {
        var words = new List<AttributeChange>();
        Add(words, "alias", before.Alias, after.Alias);
        Add(words, "address", before.Mac?.ToString(), after.Mac?.ToString());
        Add(words, "mtu", Text(before.Mtu), Text(after.Mtu));
        Add(words, "master", before.Master, after.Master);
        Add(words, "up", Text(before.Up), Text(after.Up));
        Add(words, "disable_ipv6", Text(before.Ipv6Off), Text(after.Ipv6Off));
        Add(words, "stp_state", Text(before.Bridge?.Stp), Text(after.Bridge?.Stp));
        Add(words, "forward_delay_ms", Text(before.Bridge?.ForwardDelayMs), Text(after.Bridge?.ForwardDelayMs));
        Add(words, "mcast_snooping", Text(before.Bridge?.MulticastSnooping), Text(after.Bridge?.MulticastSnooping));
        Add(words, "mcast_querier", Text(before.Bridge?.MulticastQuerier), Text(after.Bridge?.MulticastQuerier));
        Add(words, "group_fwd_mask", Text(before.Bridge?.GroupFwdMask), Text(after.Bridge?.GroupFwdMask));
        Add(words, "nf_call", Text(before.Bridge?.MeetsFilter), Text(after.Bridge?.MeetsFilter));
        Add(words, "ageing_ms", Text(before.Bridge?.AgeingMs), Text(after.Bridge?.AgeingMs));
        Add(words, "ttl", Text(before.Vxlan?.Ttl), Text(after.Vxlan?.Ttl));
        Add(words, "learning", Text(before.Vxlan?.Learning), Text(after.Vxlan?.Learning));
        Add(words, "port_learning", Text(before.Port?.Learning), Text(after.Port?.Learning));
        Add(words, "neigh_suppress", Text(before.Port?.NeighbourSuppression), Text(after.Port?.NeighbourSuppression));
        Add(words, "isolated", Text(before.Port?.Isolated), Text(after.Port?.Isolated));
        return words.ToValueList();
    }

    private static bool IsBridgeSame(BridgeSettings? now, BridgeSettings? wanted) =>
        wanted is null ? now is null : now is not null && now with { VlanFiltering = wanted.VlanFiltering } == wanted;

    private static bool IsTunnelSame(VxlanSettings? now, VxlanSettings? wanted) =>
        wanted is null || (now is not null && now.Ttl == wanted.Ttl && now.Learning == wanted.Learning);

    private static ValueList<AttributeChange> Rebuilds(Link link, LinkSpec spec, HostState state)
    {
        if (spec.Vxlan is not { } wanted || link.Vxlan is not { } now)
        {
            return [];
        }

        var parent = state.NameOf(link.Parent);
        if (parent == (spec.Parent ?? "") && now.UdpPort == wanted.UdpPort && Equals(now.Local, wanted.Local) && Equals(now.Remote, wanted.Remote))
        {
            return [];
        }

        var words = new List<AttributeChange>();
        Add(words, "dev", parent, spec.Parent ?? "");
        Add(words, "dstport", Text(now.UdpPort), Text(wanted.UdpPort));
        Add(words, "local", now.Local?.ToString() ?? "", wanted.Local?.ToString() ?? "");
        Add(words, "remote", now.Remote?.ToString() ?? "", wanted.Remote?.ToString() ?? "");
        return words.ToValueList();
    }

    private static void Add(List<AttributeChange> words, string name, string? before, string? after)
    {
        if (before != after)
        {
            words.Add(new AttributeChange(name, before, after));
        }
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(bool? flag) => flag switch
    {
        null => null,
        true => "1",
        false => "0",
    };
}
