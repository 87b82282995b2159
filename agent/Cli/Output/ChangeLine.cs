using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>What one request changed, as one line.</summary>
internal static class ChangeLine
{
    /// <summary>More steps are counted by what they do; more warnings are only counted.</summary>
    private const int MostNamed = 4;

    public static string Of(ChangeReport report) => $"{report.RequestId} {Outcome(report)}{Steps(report)}{Warnings(report)}";

    private static string Outcome(ChangeReport report) => report.Outcome switch
    {
        ChangeOutcome.Applied when report.Undone is { Reason.Length: > 0 } undone => $"went back as generation {report.Generation}: {undone.Reason}",
        ChangeOutcome.Applied => $"made generation {report.Generation}",
        ChangeOutcome.Unchanged => $"changed nothing, generation {report.Generation}",
        ChangeOutcome.Planned => $"planned against generation {report.Generation}",
        ChangeOutcome.AwaitingConfirm =>
            $"made generation {report.Generation}, or {report.PreviousGeneration} comes back unless it is confirmed until {Words.Of(report.ConfirmBefore)}",
        ChangeOutcome.FailedUndone => $"FAILED and left nothing behind, generation {report.Generation} stays: {report.Failure?.Message}",
        ChangeOutcome.FailedIncomplete => $"FAILED and could not be undone completely, generation {report.Generation} stays: {report.Failure?.Message}",
        _ => $"ended in a way that this cloudbrctl does not know, generation {report.Generation}",
    };

    /// <summary>What did not come to pass is not listed: the failure says what was in its way.</summary>
    private static string Steps(ChangeReport report)
    {
        var left = report.Changes.Where(c => c.Progress == ChangeProgress.LeftBehind).ToList();
        return report.Outcome switch
        {
            ChangeOutcome.FailedUndone => "",
            ChangeOutcome.FailedIncomplete when left.Count == 0 => "",
            ChangeOutcome.FailedIncomplete => $"; left behind: {Named(left)}",
            _ when report.Changes.Count == 0 => "",
            _ => $"; {Named(report.Changes)}",
        };
    }

    private static string Named(IReadOnlyCollection<Change> changes) => changes.Count <= MostNamed
        ? string.Join(", ", changes.Select(c => $"{Words.Of(c.Action)} {Words.Of(c.Object)}"))
        : $"{changes.Count} steps: {string.Join(", ", changes.CountBy(c => c.Action).Select(g => $"{Words.Of(g.Key)} {g.Value}"))}";

    private static string Warnings(ChangeReport report)
    {
        var told = string.Concat(report.Warnings.Take(MostNamed).Select(w => $"; warning: {w.Message}"));
        return report.Warnings.Count <= MostNamed ? told : $"{told}; and {report.Warnings.Count - MostNamed} more warnings";
    }
}
