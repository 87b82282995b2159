namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>A network device as it is to be. Other devices are meant by name, for they may not exist yet.</summary>
public sealed record LinkSpec
{
    public required string Name { get; init; }

    /// <summary>The long name, where <see cref="Name"/> had to be shortened.</summary>
    public string? AltName { get; init; }

    /// <summary>One of <see cref="LinkKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose it is: <see cref="Ownership"/>.</summary>
    public required string Alias { get; init; }

    public required int Mtu { get; init; }

    /// <summary>The MAC to pin; null leaves it to the kernel.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The device it stands on.</summary>
    public string? Parent { get; init; }

    /// <summary>The bridge it belongs to.</summary>
    public string? Master { get; init; }

    public bool Up { get; init; } = true;

    /// <summary>No addresses and no IPv6 chatter of the host's own on it, as tenants' segments need it.</summary>
    public bool Ipv6Off { get; init; }

    public BridgeSettings? Bridge { get; init; }

    public VlanSettings? Vlan { get; init; }

    public VxlanSettings? Vxlan { get; init; }

    /// <summary>How it behaves as a member of <see cref="Master"/>; null leaves it to the kernel.</summary>
    public BridgePortSettings? Port { get; init; }
}

/// <summary>Attributes of one device to be written in place; what is null stays as it is.</summary>
public sealed record LinkChange
{
    public string? Alias { get; init; }

    public MacAddress? Mac { get; init; }

    public int? Mtu { get; init; }

    public bool? Up { get; init; }

    public bool? Ipv6Off { get; init; }

    /// <summary>The bridge to belong to, by name; empty for none.</summary>
    public string? Master { get; init; }

    public BridgeSettings? Bridge { get; init; }

    /// <summary>Only TTL and learning can change in place.</summary>
    public VxlanSettings? Vxlan { get; init; }

    public BridgePortSettings? Port { get; init; }

    /// <summary>
    /// Hold a bridge's MTU where it is: the kernel does so only after it was changed once, so it is written as another value first.
    /// Otherwise a bridge takes the lowest MTU of its members.
    /// </summary>
    public bool PinMtu { get; init; }

    public bool IsEmpty => this == Nothing;

    private static readonly LinkChange Nothing = new();
}
