using Cloudbr.Agent.Core.Model.Generations;

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

    public PendingConfirm? Pending { get; init; }

    /// <summary>Owned objects that are not as desired right now.</summary>
    public int DriftedObjects { get; init; }

    public OperatingMode Mode { get; init; }
}

/// <summary>What the agent does about what it sees.</summary>
public enum OperatingMode
{
    Heal,

    /// <summary>It only reports drift, as configured; requests are carried out.</summary>
    Observe,

    /// <summary>It only reports, because its desired state cannot be read; Apply of a whole configuration ends it.</summary>
    ObserveOnly,
}

public enum DegradedReason
{
    JournalDamaged,
    JournalUnreadable,
    StateNotWritable,
    UndoIncomplete,
    HealFailed,
    KernelUnreadable,
}

/// <summary>One reason why the agent cannot do all of its work.</summary>
public sealed record Degradation(DegradedReason Reason, Failure Failure, DateTimeOffset Since);
