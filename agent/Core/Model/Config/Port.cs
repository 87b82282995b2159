namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>One VM NIC: the device on the host's side, what it may do, and how fast.</summary>
public sealed record Port
{
    /// <summary>The NIC's own id, and never the name of a VM.</summary>
    public required string NicId { get; init; }

    public string DisplayName { get; init; } = "";

    /// <summary>The id of the Network it is in.</summary>
    public required string Network { get; init; }

    /// <summary>Empty: the tap that has this MAC with fe as its first byte, as libvirt makes them.</summary>
    public string Device { get; init; } = "";

    /// <summary>The guest's own.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The primary one first. The link-local address that belongs to the MAC need not be among them.</summary>
    public ValueList<IpPrefix> Addresses { get; init; }

    /// <summary>A system VM's, which is let through as it is.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Null in a network with security groups: no ingress, all egress.</summary>
    public PortSecurity? Security { get; init; }

    public ValueList<AllowedPair> AllowedPairs { get; init; }

    public bool IsIsolated { get; init; }

    public RateLimit? RateLimit { get; init; }
}

/// <summary>A MAC with addresses that a port may use besides its own.</summary>
/// <param name="Mac">Null: the port's own.</param>
/// <param name="Addresses">None: the port's own.</param>
/// <param name="AllowsVrrp">Whether it may speak VRRP as well.</param>
public sealed record AllowedPair(MacAddress? Mac, ValueList<IpPrefix> Addresses, bool AllowsVrrp);

/// <summary>How fast a port may be, each direction by itself; null: unlimited.</summary>
public sealed record RateLimit(Rate? ToGuest, Rate? FromGuest);

/// <param name="BitsPerSecond">How much may pass.</param>
/// <param name="BurstBytes">How much may pass at once; null: sized for the rate.</param>
public sealed record Rate(long BitsPerSecond, long? BurstBytes);
