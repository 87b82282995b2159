using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Core.Model.Generations;

/// <summary>What became of an asked-for confirmation.</summary>
public enum Confirmation
{
    NotAsked,
    Awaited,
    Given,

    /// <summary>It did not come, and the generation before was restored.</summary>
    Expired,
}

/// <summary>Who asked for a generation, when, and how it came about.</summary>
public sealed record HistoryEntry
{
    /// <summary>The caller of the agent's own way back.</summary>
    public const string AgentItself = "agent";

    public required ulong Generation { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>By the identity of the connection: "CN=mgmt-1", "uid=0".</summary>
    public required string Caller { get; init; }

    public required string RequestId { get; init; }

    public ulong Term { get; init; }

    /// <summary>The rpc: "HostNetwork/Implement".</summary>
    public required string Method { get; init; }

    /// <summary>What changed, for people, one line.</summary>
    public required string Summary { get; init; }

    /// <summary>The caller's own words for it.</summary>
    public string Note { get; init; } = "";

    public ChangeOutcome Outcome { get; init; } = ChangeOutcome.Applied;

    public Confirmation Confirmation { get; init; } = Confirmation.NotAsked;

    /// <summary>The generation whose configuration this one restored; null if it did not.</summary>
    public ulong? Restores { get; init; }
}
