using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Model.Drifts;

/// <summary>In which way an object differs.</summary>
public enum DriftKind
{
    /// <summary>It is there with other attributes.</summary>
    Changed,
    Removed,

    /// <summary>It is there, carries the agent's mark, and should not be.</summary>
    Unexpected,
}

/// <summary>What the agent did about it.</summary>
public enum DriftHandling
{
    /// <summary>Put right; read back, and the kernel agrees.</summary>
    Healed,

    /// <summary>Only reported, as the mode says.</summary>
    Observed,

    /// <summary>Left for now, because somebody else changes it as fast as the agent heals it.</summary>
    BackedOff,

    /// <summary>Tried, or not even possible.</summary>
    Failed,
}

/// <summary>How it was noticed.</summary>
public enum DriftSource
{
    KernelEvent,
    Audit,
    Resync,
    Start,
}

/// <summary>One owned object that was found not to be as desired, and what became of it.</summary>
/// <param name="Subject">Which.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Attributes">Before: as desired; after: as found. Empty for one that is gone.</param>
public sealed record Drift(ObjectRef Subject, DriftKind Kind, ValueList<AttributeChange> Attributes)
{
    public DriftHandling Handling { get; init; }

    /// <summary>Why it could not be healed.</summary>
    public Failure? Failure { get; init; }

    public DateTimeOffset NoticedAt { get; init; }

    /// <summary>From noticing to the read-back that agreed; null unless it was healed.</summary>
    public TimeSpan? HealDuration { get; init; }

    public DriftSource Source { get; init; }

    /// <summary>What its network stands on; empty for what is no network's.</summary>
    public string Label { get; init; } = "";

    /// <summary>Who probably did it; empty if unknown.</summary>
    public string LikelyCause { get; init; } = "";

    /// <summary>Whether it says the same of the same object, whenever and however it was noticed.</summary>
    public bool IsSameAs(Drift other) =>
        Subject == other.Subject && Kind == other.Kind && Attributes == other.Attributes && Handling == other.Handling;
}
