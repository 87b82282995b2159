using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Planning.Design;

public enum PhysicalCheckResult
{
    Found,
    Missing,
    NoUplink,
    UplinkDown,
    MtuTooSmall,
    Conflict,
    ToBeMade,
    Unknown,
}

/// <summary>What was found behind one label.</summary>
public sealed record PhysicalCheck
{
    public required string Label { get; init; }

    public required PhysicalCheckResult Result { get; init; }

    /// <summary>The same for people.</summary>
    public required string Message { get; init; }

    public string Bridge { get; init; } = "";

    public string Uplink { get; init; } = "";

    public int? Mtu { get; init; }

    public ValueList<string> BridgesHere { get; init; }

    /// <summary>The worst first.</summary>
    public IReadOnlyList<Failure> Problems { get; init; } = [];
}
