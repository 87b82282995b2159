using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Verification;

/// <summary>Reads the steps that would put a host right as what is wrong with it, one drift for each object.</summary>
public static class DriftReader
{
    public static IReadOnlyList<Drift> Read(IEnumerable<PlanStep> steps)
    {
        var drifts = new Dictionary<ObjectRef, Drift>();
        foreach (var step in steps)
        {
            var drift = new Drift(step.Subject, KindOf(step), step.Action is StepAction.Create ? [] : step.Attributes.Reversed());
            drifts[step.Subject] = drifts.TryGetValue(step.Subject, out var known) ? Merge(known, drift) : drift;
        }

        return [.. drifts.Values];
    }

    /// <summary>What is gone, or should be, says more than what would be changed on it.</summary>
    private static Drift Merge(Drift known, Drift more) => (known.Kind, more.Kind) switch
    {
        (DriftKind.Changed, DriftKind.Changed) => known with { Attributes = known.Attributes.Concat(more.Attributes).ToValueList() },
        (DriftKind.Changed, _) => more,

        // Removed and made anew, as what cannot be changed in place.
        (DriftKind.Unexpected, DriftKind.Removed) => known with { Kind = DriftKind.Changed },
        _ => known,
    };

    private static DriftKind KindOf(PlanStep step) => step.Action switch
    {
        StepAction.Create => DriftKind.Removed,
        StepAction.Delete => DriftKind.Unexpected,
        _ => DriftKind.Changed,
    };
}
