namespace Cloudbr.Agent.Core.Model;

/// <summary>The short answer about the agent; of several that hold, the last one counts.</summary>
public enum AgentState
{
    Serving,
    Applying,
    Drifted,
    Degraded,
}

/// <summary>How the agent is. Generation 0 is the state of an agent that nobody has told anything yet.</summary>
public sealed record AgentStatus(AgentState State, ulong Generation, ulong Term)
{
    /// <summary>Why it is degraded; empty otherwise.</summary>
    public IReadOnlyList<Degradation> Degradations { get; init; } = [];
}

public enum DegradedReason
{
    UndoIncomplete,
    KernelUnreadable,
}

/// <summary>One reason why the agent cannot do all of its work.</summary>
public sealed record Degradation(DegradedReason Reason, Failure Failure, DateTimeOffset Since);
