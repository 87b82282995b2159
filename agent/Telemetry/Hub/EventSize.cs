using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>
/// About how many bytes of memory an event holds: enough to keep what is retained within bounds. Much of it is shared with the
/// desired state while that lasts, and counted all the same.
/// </summary>
internal static class EventSize
{
    private const int Record = 200;

    /// <summary>A step with the device that it makes or removes.</summary>
    private const int Step = 700;

    /// <summary>A string's head, and its place in a list.</summary>
    private const int Text = 32;

    public static int Of(EventPayload payload, IReadOnlyCollection<string>? names) =>
        Record + (names?.Sum(Of) ?? 0) + payload switch
        {
            ChangeEvent change => Of(change.Report),
            DriftEvent drift => Of(drift.Drift),
            FindingEvent finding => Of(finding.Finding),
            PortEvent port => Of(port.NicId) + Of(port.Device) + Of(port.Bridge),
            _ => 0,
        };

    private static int Of(ChangeReport report) =>
        report.Changes.Sum(c => Of(c.Step))
        + report.Failures.Sum(Of)
        + report.Warnings.Sum(w => Record + Of(w.Subject) + Of(w.Message))
        + (report.Undone is { } undo ? Of(undo.Reason) + undo.Steps.Sum(s => Record + Of(s.Failure)) : 0);

    private static int Of(Drift drift) => Record + Of(drift.Subject) + Of(drift.Attributes) + Of(drift.Failure) + Of(drift.LikelyCause);

    private static int Of(Finding finding) =>
        Record + Of(finding.Subject) + Of(finding.Message) + Of(finding.Remedy) + finding.Evidence.Sum(e => Record + Of(e.Source) + Of(e.Text))
        + finding.Affected.Sum(a => Record + Of(a));

    private static int Of(PlanStep step) => Step + Of(step.Subject) + Of(step.Attributes) + (Record * step switch
    {
        DeleteLink delete => delete.Lost.Count,
        ChangeLink change => change.Lost.Count,
        _ => 0,
    });

    private static int Of(ValueList<AttributeChange> changes) => changes.Sum(c => Record + Of(c.Name) + Of(c.Before) + Of(c.After));

    private static int Of(Failure? failure) =>
        failure is null ? 0 : Record + Of(failure.Subject) + Of(failure.Message) + Of(failure.Evidence) + Of(failure.Remedy);

    private static int Of(ObjectRef subject) => Text + Of(subject.Id) + Of(subject.Name) + Of(subject.Scope);

    private static int Of(string? text) => text is null ? 0 : Text + (2 * text.Length);
}
