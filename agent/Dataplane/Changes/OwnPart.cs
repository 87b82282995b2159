using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>The part of one change in what was done for several; what is nobody's own is told to the first.</summary>
internal static class OwnPart
{
    public static (IReadOnlyList<StepReport> Steps, Undo? Undone) Of(Member member, List<Member> members, TransactionReport report)
    {
        if (members.Count == 1)
        {
            return (report.Steps, report.Undone);
        }

        var subjects = members.Select(m => m.Change.Subject!).ToHashSet(StringComparer.Ordinal);
        var (isFirst, subject) = (member == members[0], member.Change.Subject);
        var steps = new List<StepReport>();
        var numbers = new Dictionary<int, int>();
        for (var i = 0; i < report.Steps.Count; i++)
        {
            var id = report.Steps[i].Step.Subject.Id;
            if (id == subject || (isFirst && !subjects.Contains(id)))
            {
                steps.Add(report.Steps[i]);
                numbers[i + 1] = steps.Count;
            }
        }

        return (steps, report.Undone is { } undone
            ? undone with { Steps = [.. undone.Steps.Where(u => numbers.ContainsKey(u.Step)).Select(u => u with { Step = numbers[u.Step] })] }
            : null);
    }
}
