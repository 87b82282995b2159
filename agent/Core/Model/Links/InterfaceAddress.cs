using System.Net;

namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>
/// An IP address on a device, with everything needed to put it onto another one. Lifetimes are seconds from when it was read;
/// null is for ever. <see cref="Flags"/> are the kernel's IFA_F_*.
/// </summary>
public sealed record InterfaceAddress(IpPrefix Prefix)
{
    /// <summary>The other end of a point-to-point address; null if there is none.</summary>
    public IPAddress? Peer { get; init; }

    public IPAddress? Broadcast { get; init; }

    /// <summary>The kernel's RT_SCOPE_*: 0 global, 253 link, 254 host.</summary>
    public byte Scope { get; init; }

    public uint Flags { get; init; }

    /// <summary>An IPv4 address's label, such as "eth0:1"; empty if there is none.</summary>
    public string Label { get; init; } = "";

    public uint? ValidSeconds { get; init; }

    public uint? PreferredSeconds { get; init; }

    /// <summary>The metric of the route that comes with it; 0 for the kernel's default.</summary>
    public uint Metric { get; init; }

    /// <summary>Who made it, the kernel's IFAPROT_*; 0 if it does not say.</summary>
    public byte Protocol { get; init; }
}
