namespace Cloudbr.Agent.Totals;

public enum Outcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One test as it ran in one place. Reason is why it failed or was skipped.</summary>
public sealed record TestRun(string Place, string Name, Outcome Outcome, string Reason = "");

/// <summary>
/// What a suite left: its exit code and its tests. A check, as `style`, has no tests but its exit code.
/// </summary>
public sealed record SuiteResult(string Name, int ExitCode, IReadOnlyList<TestRun> Runs, bool IsCheck = false);
