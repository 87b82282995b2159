namespace Cloudbr.Agent.Core.Model.Changes;

/// <summary>How a change is to be made.</summary>
public sealed record ChangeOptions(string RequestId)
{
    /// <summary>The management server's fencing number; 0 for a caller that does not fence.</summary>
    public ulong Term { get; init; }

    /// <summary>Change only if this generation is in force.</summary>
    public ulong? IfGeneration { get; init; }

    public bool DryRun { get; init; }

    public bool AllowDisruption { get; init; }

    public string Note { get; init; } = "";

    /// <summary>Undo the change unless it is confirmed within this time; null if it needs no confirmation.</summary>
    public TimeSpan? ConfirmWithin { get; init; }

    /// <summary>Who asks, by the identity of the connection: "CN=mgmt-1", "uid=0".</summary>
    public string Caller { get; init; } = "";

    /// <summary>The rpc: "HostNetwork/Implement".</summary>
    public string Method { get; init; } = "";
}
