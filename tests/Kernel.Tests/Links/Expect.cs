using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What came of a change; if it is something else, the whole report is in the failure.</summary>
internal static class Expect
{
    public static void Applied(ChangeReport report) => Outcome(report, ChangeOutcome.Applied);

    public static void Unchanged(ChangeReport report) => Outcome(report, ChangeOutcome.Unchanged);

    /// <summary>Undone in full, and for this reason first.</summary>
    public static Failure Undone(ChangeReport report, string reason)
    {
        Outcome(report, ChangeOutcome.FailedUndone);
        Assert.That(report.Failures[0].Reason, Is.EqualTo(reason), () => Words(report));
        return report.Failures[0];
    }

    /// <summary>Applied, and again without anything to write.</summary>
    public static void AppliedForGood(AgentHostScene host, Func<ChangeReport> change)
    {
        Applied(change());
        var writes = host.Writes;
        Unchanged(change());
        Assert.That(host.Writes, Is.EqualTo(writes), "requests that change something, sent by a change that changes nothing");
    }

    public static void Outcome(ChangeReport report, ChangeOutcome expected) =>
        Assert.That(report.Outcome, Is.EqualTo(expected), () => Words(report));

    public static string Words(ChangeReport report) => string.Join(
        '\n',
        report.Failures.Select(f => $"{f.Reason} {f.Message} {f.Evidence}")
            .Concat(report.Changes.Select((c, i) => $"{i + 1} {c.Progress} {c.Step.Action} {c.Step.Subject} {string.Join(", ", c.Step.Attributes.Select(a => $"{a.Name} {a.Before} -> {a.After}"))}"))
            .Concat(report.Undone?.Steps.Where(s => !s.Restored).Select(s => $"not restored: {s.Step} {s.Failure?.Message} {s.Failure?.Evidence}") ?? []));
}
