using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// A change of thousands of networks has tens of thousands of steps: as an event that would be larger than most clients take, and a few of
/// them would fill all that is retained. So an event has the first steps, and first of all those that went wrong, each with its own
/// number; a warning tells how many were left out. The request's own answer is whole.
/// </summary>
internal static class ShortReport
{
    /// <summary>Some 50 KB as a message.</summary>
    public const int MostSteps = 256;

    public const int MostWarnings = 64;

    /// <summary>The warning's stable word.</summary>
    public const string Reason = "REPORT_SHORTENED";

    public static ChangeReport Of(ChangeReport report)
    {
        // The contract has room for one failure, the decisive one.
        report = report.Failures.Count > 1 ? report with { Failures = [report.Failures[0]] } : report;
        var undone = report.Undone?.Steps.Count ?? 0;
        if (report.Changes.Count <= MostSteps && undone <= MostSteps && report.Warnings.Count <= MostWarnings)
        {
            return report;
        }

        return report with
        {
            Changes = Steps(report.Changes),
            Undone = report.Undone is { } undo && undone > MostSteps ? undo with { Steps = Chosen(undo.Steps, s => !s.Restored) } : report.Undone,
            Warnings = [Notice(report), .. report.Warnings.Take(MostWarnings)],
        };
    }

    private static IReadOnlyList<StepReport> Steps(IReadOnlyList<StepReport> steps) => steps.Count <= MostSteps
        ? steps
        : Chosen(
            [.. steps.Select((s, i) => s with { Number = i + 1 })], s => s.Progress is StepProgress.Failed or StepProgress.LeftBehind);

    /// <summary>As many as there is room for, those that matter first, in the order in which they were.</summary>
    private static List<T> Chosen<T>(IReadOnlyList<T> all, Func<T, bool> matters)
    {
        var room = MostSteps - Math.Min(MostSteps, all.Count(matters));
        var chosen = new List<T>(MostSteps);
        foreach (var item in all)
        {
            if (chosen.Count < MostSteps && (matters(item) || room-- > 0))
            {
                chosen.Add(item);
            }
        }

        return chosen;
    }

    private static ChangeWarning Notice(ChangeReport report)
    {
        var parts = new List<string>(3);
        Tell(report.Changes.Count, MostSteps, "steps");
        Tell(report.Undone?.Steps.Count ?? 0, MostSteps, "undone steps");
        Tell(report.Warnings.Count, MostWarnings, "warnings");
        return new ChangeWarning(
            Reason,
            new ObjectRef(ObjectKind.Host),
            $"this event has only {string.Join(" and ", parts)}, those that went wrong first; the answer to the request has all of them, and GetState says how the host is");

        void Tell(int count, int most, string what)
        {
            if (count > most)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{most} of {count} {what}"));
            }
        }
    }
}
