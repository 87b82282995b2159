using System.Net;

namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>How a bridge behaves. The kernel counts times in hundredths of a second: milliseconds here are multiples of ten.</summary>
public sealed record BridgeSettings(
    bool Stp, int ForwardDelayMs, bool MulticastSnooping, bool MulticastQuerier, int GroupFwdMask, int AgeingMs)
{
    /// <summary>Whether it looks at frames' VLAN tags itself. The agent never switches it on or off.</summary>
    public bool VlanFiltering { get; init; }

    /// <summary>Whether what is bridged meets iptables and ip6tables, whatever holds for other bridges of the host.</summary>
    public bool MeetsFilter { get; init; }
}

/// <summary>What makes a VLAN device, besides its parent.</summary>
public sealed record VlanSettings(int Vid)
{
    /// <summary>802.1Q.</summary>
    public const int CustomerTag = 0x8100;

    /// <summary>802.1ad.</summary>
    public const int ServiceTag = 0x88a8;

    /// <summary>The tag's EtherType.</summary>
    public int Protocol { get; init; } = CustomerTag;
}

/// <summary>
/// What makes a VXLAN device, besides its parent. <paramref name="Remote"/> is the multicast group or the single default peer;
/// a <paramref name="Ttl"/> of 0 leaves it to the kernel.
/// </summary>
public sealed record VxlanSettings(int Vni, int UdpPort, IPAddress? Local, IPAddress? Remote, int Ttl, bool Learning);

/// <summary>How a device behaves as a member of a bridge.</summary>
public sealed record BridgePortSettings(bool Learning, bool NeighbourSuppression)
{
    /// <summary>Whether it exchanges no frames with others that are isolated.</summary>
    public bool Isolated { get; init; }
}
