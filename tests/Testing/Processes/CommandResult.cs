namespace Cloudbr.Agent.Testing.Processes;

/// <summary>What a finished program left: its exit code and everything it wrote.</summary>
public sealed record CommandResult(IReadOnlyList<string> Arguments, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Returns this result, or throws with the program's own words.</summary>
    public CommandResult EnsureSuccess() => Succeeded ? this : throw new CommandFailedException(this);

    public override string ToString() =>
        $"{string.Join(' ', Arguments)}: exit {ExitCode}{Section("stdout", Output)}{Section("stderr", Error)}";

    private static string Section(string name, string text) =>
        string.IsNullOrWhiteSpace(text) ? "" : $"\n--- {name}\n{text.TrimEnd()}";
}
