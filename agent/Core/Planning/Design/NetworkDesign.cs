using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>One forwarding entry of a VXLAN device.</summary>
public sealed record Flood(MacAddress Mac, IPAddress Peer);

/// <summary>What a Network is to be in the kernel, in full: the planner needs to know nothing of VLANs and VXLANs.</summary>
public sealed record NetworkDesign
{
    public required Network Network { get; init; }

    /// <summary>Which provider realises it.</summary>
    public required string Provider { get; init; }

    /// <summary>Its own devices, masters before members; none for an untagged network.</summary>
    public ValueList<LinkSpec> Links { get; init; }

    /// <summary>The bridge that its ports are plugged into.</summary>
    public required KernelName Bridge { get; init; }

    /// <summary>The device under the bridge.</summary>
    public required KernelName Device { get; init; }

    public required int GuestMtu { get; init; }

    /// <summary>What the guest MTU would be, had it not been lowered to fit.</summary>
    public required int WantedMtu { get; init; }

    public required int UnderlayMtu { get; init; }

    /// <summary>The multicast group, for which the underlay device gets a route; null if there is none.</summary>
    public IPAddress? Group { get; init; }

    /// <summary>Where the group's route leads.</summary>
    public string GroupDevice { get; init; } = "";

    /// <summary>The entries that the device's forwarding table has, no more and no fewer; null if others fill it.</summary>
    public ValueList<Flood>? Forwarding { get; init; }

    /// <summary>How its ports are held to a rate.</summary>
    public ShapingMeans ShapedBy { get; init; }

    /// <summary>The mark of its devices.</summary>
    public required string Alias { get; init; }
}
