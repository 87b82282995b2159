namespace Cloudbr.Agent.Core.Model.Providers;

/// <summary>A driver and what it can realise on this host.</summary>
public sealed record Provider
{
    public const int DefaultPriority = 100;

    public required string Name { get; init; }

    public ProviderState State { get; init; }

    /// <summary>Why it is in that state; empty when ready.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Of several that fit, the highest is taken.</summary>
    public int Priority { get; init; } = DefaultPriority;

    /// <summary>What it realises here.</summary>
    public ValueList<IsolationKind> Isolations { get; init; }

    /// <summary>The largest MTU it can give; null if it has no opinion.</summary>
    public int? MaxMtu { get; init; }

    public bool Filtering { get; init; }

    /// <summary>How it holds ports to a rate.</summary>
    public ShapingMeans ShapedBy { get; init; }

    public ValueList<KernelFeature> Features { get; init; }

    public string Version { get; init; } = "";
}

public enum ProviderState
{
    Ready,

    /// <summary>It was switched off.</summary>
    Disabled,

    /// <summary>The host lacks something it needs.</summary>
    Unavailable,

    /// <summary>It was switched on, and reads the kernel.</summary>
    Rebuilding,

    /// <summary>It failed while in use.</summary>
    Failed,
}

/// <summary>How a kernel holds what guests send to a rate; what goes to them waits in a token bucket's queue.</summary>
public enum ShapingMeans
{
    /// <summary>It cannot hold ports to a rate.</summary>
    None,

    /// <summary>What is too much is dropped where it comes in.</summary>
    Police,

    /// <summary>It goes through a device of its own, an ifb, with a queue like the other direction's.</summary>
    Redirect,
}

public enum IsolationKind
{
    Untagged,
    Vlan,
    VxlanMulticast,
    VxlanStatic,
    VxlanEvpn,
}

/// <summary>Something the kernel may or may not have; <paramref name="Reason"/> says why it is not there.</summary>
public sealed record KernelFeature(string Name, Availability State, string Reason);
