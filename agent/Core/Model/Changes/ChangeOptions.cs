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
}
