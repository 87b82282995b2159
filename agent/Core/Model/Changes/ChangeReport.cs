using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Model.Changes;

public enum ChangeOutcome
{
    /// <summary>Applied, read back, and the kernel agrees.</summary>
    Applied,

    /// <summary>All was as asked already.</summary>
    Unchanged,

    /// <summary>Only planned.</summary>
    Planned,

    /// <summary>Applied and read back; will be undone unless it is confirmed in time.</summary>
    AwaitingConfirm,

    /// <summary>Failed, all of it undone, and the kernel agrees.</summary>
    FailedUndone,

    /// <summary>Failed, and not all could be undone.</summary>
    FailedIncomplete,
}

public enum StepProgress
{
    /// <summary>Only planned, or not reached.</summary>
    Planned,

    /// <summary>Written and read back.</summary>
    Verified,
    Failed,

    /// <summary>Written, and taken back again.</summary>
    Undone,

    /// <summary>Written, and it could not be taken back, or it is not known whether it was.</summary>
    LeftBehind,
}

/// <summary>One step of a plan and how far it came.</summary>
public sealed record StepReport(PlanStep Step, StepProgress Progress)
{
    /// <summary>Its place in the order, from 1, where steps before it were left out; 0 if it is where it stands.</summary>
    public int Number { get; init; }
}

public enum UndoCause
{
    StepFailed,
    VerifyFailed,
    ConfirmExpired,
    ManagementLost,
    RestartedTooLate,
}

/// <summary>The inverse of the step with this number, from 1. <paramref name="Failure"/> says why it was not restored.</summary>
public sealed record UndoneStep(int Step, bool Restored, Failure? Failure);

/// <summary>What was taken back, and why.</summary>
public sealed record Undo(UndoCause Cause, string Reason, IReadOnlyList<UndoneStep> Steps, bool Complete);

/// <summary>Something the caller should know although the request succeeded.</summary>
public sealed record ChangeWarning(string Reason, ObjectRef Subject, string Message);

public enum ChangeStage
{
    Queue,
    Validate,
    Plan,
    Journal,
    Apply,
    Verify,
    Undo,
}

public sealed record StageDuration(ChangeStage Stage, TimeSpan Duration);

/// <summary>What one request changed.</summary>
public sealed record ChangeReport
{
    public required string RequestId { get; init; }

    public required ChangeOutcome Outcome { get; init; }

    /// <summary>In force after this request.</summary>
    public required ulong Generation { get; init; }

    public required ulong PreviousGeneration { get; init; }

    public IReadOnlyList<StepReport> Changes { get; init; } = [];

    public Undo? Undone { get; init; }

    /// <summary>All that kept the request from succeeding, the decisive one first; empty if it succeeded.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = [];

    public IReadOnlyList<ChangeWarning> Warnings { get; init; } = [];

    public IReadOnlyList<StageDuration> Stages { get; init; } = [];

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Until when Confirm must arrive; null if none is awaited.</summary>
    public DateTimeOffset? ConfirmBefore { get; init; }

    /// <summary>How many requests shared the kernel transaction, this one included; 0 if there was none.</summary>
    public int RequestsInTransaction { get; init; }

    public bool Succeeded => Failures.Count == 0;
}
