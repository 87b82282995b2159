namespace Cloudbr.Agent.Linux.Process;

/// <summary>What to run, and in which surroundings.</summary>
public sealed record ToolCall(string Name, IReadOnlyList<string> Arguments)
{
    /// <summary>All that the tool finds in its environment, besides LC_ALL; null for the agent's own environment.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Null: the agent's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Writes what the tool reads; null for nothing. A tool that stops reading ends the writing with an IOException.</summary>
    public Func<Stream, CancellationToken, Task>? WriteInput { get; init; }

    /// <summary>Whether it gets only what processor time others leave.</summary>
    public bool IsUnhurried { get; init; }
}
