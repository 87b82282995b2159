using System.Net;

namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>One isolated segment on this host.</summary>
public sealed record Network
{
    public required string Id { get; init; }

    public string DisplayName { get; init; } = "";

    /// <summary>The label of the PhysicalNetwork it rides on.</summary>
    public required string PhysicalNetwork { get; init; }

    public required Isolation Isolation { get; init; }

    public int? GuestMtu { get; init; }

    public MtuPolicy MtuPolicy { get; init; }

    public BridgeOptions? Bridge { get; init; }

    /// <summary>Null: its ports are not filtered.</summary>
    public NetworkSecurity? Security { get; init; }

    /// <summary>The provider that must realise it; empty for the fitting one with the highest priority.</summary>
    public string Provider { get; init; } = "";
}

/// <summary>How a network is kept apart from others.</summary>
public abstract record Isolation;

/// <summary>Not tagged: the physical network's own bridge.</summary>
public sealed record UntaggedIsolation : Isolation;

public sealed record VlanIsolation(int Vid) : Isolation;

/// <param name="Vni">The segment's number.</param>
/// <param name="UdpPort">Null: 4789.</param>
/// <param name="LocalAddress">Null: the physical network's tunnel address.</param>
/// <param name="Mode">How peers are found.</param>
/// <param name="Ttl">Null: 10 for a multicast group, 64 for others.</param>
public sealed record VxlanIsolation(int Vni, int? UdpPort, IPAddress? LocalAddress, VxlanMode Mode, int? Ttl) : Isolation;

/// <summary>How a VXLAN finds its peers.</summary>
public abstract record VxlanMode;

/// <param name="Group">Null: derived from the VNI.</param>
public sealed record VxlanMulticast(IPAddress? Group) : VxlanMode;

/// <param name="Peers">Who gets flooded frames.</param>
/// <param name="Entries">Where single MACs are.</param>
/// <param name="Learning">Null: on if there are no entries.</param>
public sealed record VxlanStatic(ValueList<IPAddress> Peers, ValueList<VxlanEntry> Entries, bool? Learning) : VxlanMode;

public sealed record VxlanEntry(MacAddress Mac, IPAddress Peer);

/// <param name="NeighbourSuppression">Null: on.</param>
public sealed record VxlanEvpn(bool? NeighbourSuppression) : VxlanMode;

/// <summary>What to do when the underlay is too small for the guest MTU.</summary>
public enum MtuPolicy
{
    Require,
    Fit,
}
