namespace Cloudbr.Agent.Core.Model.Drifts;

public enum FindingSeverity
{
    Info,

    /// <summary>Traffic passes, with less safety or speed than asked for.</summary>
    Warning,

    /// <summary>Some traffic does not pass, or is not protected.</summary>
    Error,

    /// <summary>The host as a whole is affected.</summary>
    Critical,
}

/// <summary>One diagnosed problem: what, where, evidence, and what the operator can do.</summary>
public sealed record Finding
{
    /// <summary>What sort of problem: "OTHER_MANAGER".</summary>
    public required string Code { get; init; }

    public required ObjectRef Subject { get; init; }

    public FindingSeverity Severity { get; init; } = FindingSeverity.Warning;

    /// <summary>False once it was looked for again, and is gone.</summary>
    public bool IsOpen { get; init; } = true;

    public required string Message { get; init; }

    /// <summary>Where from, and what was seen.</summary>
    public ValueList<Evidence> Evidence { get; init; }

    public string Remedy { get; init; } = "";

    /// <summary>What its network stands on; empty for what is no network's.</summary>
    public string Label { get; init; } = "";

    /// <summary>The networks that it concerns.</summary>
    public ValueList<ObjectRef> Affected { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public ulong TimesSeen { get; init; } = 1;

    /// <summary>The same for as long as the same problem lasts at the same place.</summary>
    public string Id => $"{Code}:{(Subject.Name.Length > 0 ? Subject.Name : Subject.Id)}";
}

/// <summary>One observation that supports a finding.</summary>
public sealed record Evidence(string Source, string Text, DateTimeOffset ObservedAt);
