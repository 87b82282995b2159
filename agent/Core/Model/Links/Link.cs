namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>The kernel's operational states, with its numbers (RFC 2863).</summary>
public enum OperState
{
    Unknown = 0,
    NotPresent = 1,
    Down = 2,
    LowerLayerDown = 3,
    Testing = 4,
    Dormant = 5,
    Up = 6,
}

/// <summary>A network device as the kernel has it.</summary>
public sealed record Link
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    public ValueList<string> AltNames { get; init; }

    /// <summary>The kernel's word, see <see cref="LinkKind"/>; empty for a physical NIC and for loopback.</summary>
    public string Kind { get; init; } = "";

    public string Alias { get; init; } = "";

    public MacAddress? Mac { get; init; }

    public int Mtu { get; init; }

    public bool IsLoopback { get; init; }

    /// <summary>Whether it is switched on.</summary>
    public bool Up { get; init; }

    public bool Carrier { get; init; }

    public OperState OperState { get; init; }

    /// <summary>The index of the bridge or bond it belongs to; 0 if none.</summary>
    public int Master { get; init; }

    /// <summary>The kind of what it belongs to, such as "bridge" or "openvswitch"; empty if none.</summary>
    public string MasterKind { get; init; } = "";

    /// <summary>The index of the device it stands on; 0 if none, or if that one is in another namespace.</summary>
    public int Parent { get; init; }

    /// <summary>Whether IPv6 is switched off on it; null on a kernel without IPv6.</summary>
    public bool? Ipv6Off { get; init; }

    public BridgeSettings? Bridge { get; init; }

    public VlanSettings? Vlan { get; init; }

    public VxlanSettings? Vxlan { get; init; }

    /// <summary>How it behaves as a member; null unless its master is a bridge.</summary>
    public BridgePortSettings? Port { get; init; }
}

/// <summary>The kernel's words for the kinds of devices that matter here.</summary>
public static class LinkKind
{
    public const string Bridge = "bridge";
    public const string Vlan = "vlan";
    public const string Vxlan = "vxlan";
    public const string Bond = "bond";
    public const string Team = "team";
    public const string Tun = "tun";
    public const string Ifb = "ifb";
    public const string Veth = "veth";
    public const string Vrf = "vrf";
    public const string OpenVSwitch = "openvswitch";
}
