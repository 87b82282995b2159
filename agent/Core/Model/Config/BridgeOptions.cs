namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>How a bridge is to behave; what is null takes the default.</summary>
public sealed record BridgeOptions
{
    public bool? Stp { get; init; }

    public int? ForwardDelayMs { get; init; }

    public MacAddress? Mac { get; init; }

    public bool? MulticastSnooping { get; init; }

    public bool? MulticastQuerier { get; init; }

    public int? GroupFwdMask { get; init; }

    public int? AgeingMs { get; init; }
}
