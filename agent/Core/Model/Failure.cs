namespace Cloudbr.Agent.Core.Model;

/// <summary>What a caller can do about a failure.</summary>
public enum FailureKind
{
    /// <summary>The request is wrong by itself.</summary>
    InvalidArgument,

    /// <summary>The host is not as the request needs it.</summary>
    FailedPrecondition,

    /// <summary>A table of the kernel, or a queue, is full.</summary>
    ResourceExhausted,

    /// <summary>Somebody else was faster.</summary>
    Aborted,
}

/// <summary>One thing that went wrong: operation, object, reason, evidence, and what to do about it.</summary>
public sealed record Failure
{
    public FailureKind Kind { get; init; } = FailureKind.FailedPrecondition;

    /// <summary>What was being done, in the kernel's or the agent's word: "newlink", "plan", "verify".</summary>
    public required string Operation { get; init; }

    public required ObjectRef Subject { get; init; }

    /// <summary>Why, as a stable word in capitals.</summary>
    public required string Reason { get; init; }

    /// <summary>The same for people.</summary>
    public required string Message { get; init; }

    /// <summary>The witness's own words.</summary>
    public string Evidence { get; init; } = "";

    public string Remedy { get; init; } = "";

    public bool Retryable { get; init; }

    public string FieldPath { get; init; } = "";
}
