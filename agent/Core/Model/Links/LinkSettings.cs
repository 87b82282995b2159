using System.Net;

namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>How a bridge behaves. The kernel counts times in hundredths of a second: milliseconds here are multiples of ten.</summary>
public sealed record BridgeSettings(
    bool Stp, int ForwardDelayMs, bool MulticastSnooping, bool MulticastQuerier, int GroupFwdMask, int AgeingMs);

/// <summary>What makes a VLAN device, besides its parent.</summary>
public sealed record VlanSettings(int Vid);

/// <summary>
/// What makes a VXLAN device, besides its parent. <paramref name="Remote"/> is the multicast group or the single default peer;
/// a <paramref name="Ttl"/> of 0 leaves it to the kernel.
/// </summary>
public sealed record VxlanSettings(int Vni, int UdpPort, IPAddress? Local, IPAddress? Remote, int Ttl, bool Learning);

/// <summary>How a device behaves as a member of a bridge.</summary>
public sealed record BridgePortSettings(bool Learning, bool NeighbourSuppression);
