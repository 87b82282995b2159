namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>Kernel settings; what is null is not touched.</summary>
public sealed record HostSettings
{
    public bool? IpForward { get; init; }

    public bool? Ipv6Forward { get; init; }

    public bool? BridgeNfCallIptables { get; init; }

    public bool? BridgeNfCallIp6tables { get; init; }

    public bool? BridgeNfCallArptables { get; init; }

    public NeighbourThresholds? Ipv4Neighbours { get; init; }

    public NeighbourThresholds? Ipv6Neighbours { get; init; }

    public int? IgmpMaxMemberships { get; init; }
}

/// <summary>The kernel's gc_thresh of one family; what is null is not touched.</summary>
public sealed record NeighbourThresholds(int? GcThresh1, int? GcThresh2, int? GcThresh3);
