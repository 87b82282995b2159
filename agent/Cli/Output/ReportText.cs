using Cloudbr.Agent.V1;
using Google.Protobuf.Collections;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>What a change did, as operators read it.</summary>
internal static class ReportText
{
    /// <summary>A port's rules are some twenty chains; who wants to see all has them as JSON.</summary>
    private const int MostNamed = 4;

    /// <param name="printer">Where it goes.</param>
    /// <param name="report">What is told.</param>
    /// <param name="sameAgent">The options that lead another command to the same agent.</param>
    public static void Show(Printer printer, ChangeReport report, string sameAgent)
    {
        printer.Line(report.Outcome switch
        {
            ChangeOutcome.Applied => $"applied: generation {report.Generation}, {Steps(report)}",
            ChangeOutcome.Unchanged => $"unchanged: generation {report.Generation}",
            ChangeOutcome.Planned => $"planned against generation {report.Generation}: {Steps(report)}",
            ChangeOutcome.AwaitingConfirm => $"applied, to be confirmed: generation {report.Generation}, {Steps(report)}",
            var other => $"{other.ToString().ToLowerInvariant()}: generation {report.Generation}, {Steps(report)}",
        });
        foreach (var warning in report.Warnings)
        {
            printer.Line($"warning: {warning.Message}");
        }

        if (report.Changes.Count > 0)
        {
            printer.Line("");
            printer.Table(
                ["STEP", "ACTION", "OBJECT", "OF", "IMPACT", "CHANGES"],
                report.Changes.Select(c => new[]
                {
                    $"{c.Step}",
                    c.Action.ToString().ToLowerInvariant(),
                    c.Object.Name.Length > 0 ? $"{Words.Of(c.Object.Kind)} {c.Object.Name}" : Words.Of(c.Object.Kind),
                    c.Object.Id,
                    c.Impact == ChangeImpact.Disruptive ? "DISRUPTIVE" : "",
                    Named(c.Attributes),
                }));
        }

        if (report.Outcome == ChangeOutcome.AwaitingConfirm)
        {
            // At the end, where it is not scrolled away.
            printer.Line("");
            printer.Line($"It goes back to generation {report.PreviousGeneration} unless this is done before {Words.ToTheSecond(report.ConfirmBefore)}:");
            printer.Line($"  cloudbrctl confirm {report.Generation}{sameAgent}");
        }
    }

    private static string Named(RepeatedField<AttributeChange> changes)
    {
        var told = string.Join(", ", changes.Take(MostNamed).Select(Words.Of));
        return changes.Count <= MostNamed ? told : $"{told} and {changes.Count - MostNamed} more";
    }

    private static string Steps(ChangeReport report) => report.Changes.Count == 1 ? "1 step" : $"{report.Changes.Count} steps";
}
