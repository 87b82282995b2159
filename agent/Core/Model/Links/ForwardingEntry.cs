using System.Net;

namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>
/// One entry of a VXLAN device's forwarding table (<paramref name="Peer"/> is set) or of a bridge's (it is null).
/// <paramref name="Link"/> is the index of the VXLAN device or of the bridge's member.
/// </summary>
public sealed record ForwardingEntry(int Link, MacAddress Mac, IPAddress? Peer)
{
    /// <summary>Set by somebody rather than learned from frames.</summary>
    public bool Permanent { get; init; }

    /// <summary>Set by a routing daemon.</summary>
    public bool External { get; init; }

    /// <summary>The VLAN it is for; 0 if none.</summary>
    public int Vid { get; init; }
}
