namespace Cloudbr.Agent.Core.Model.Config;

public enum DriftMode
{
    /// <summary>Put it right at once, and report it.</summary>
    Heal,

    /// <summary>Only report it.</summary>
    Observe,
}

/// <summary>What to do about owned objects that no longer are as desired.</summary>
public sealed record DriftPolicy
{
    public static readonly DriftPolicy Default = new();

    public DriftMode Mode { get; init; } = DriftMode.Heal;

    /// <summary>How often everything is read again, for what events missed, with some jitter.</summary>
    public TimeSpan AuditInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Heals of one object within a minute before the agent backs off.</summary>
    public int MaxHealsPerMinute { get; init; } = 5;
}
