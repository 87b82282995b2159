using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Whether a network or a port is as desired.</summary>
internal static class ConditionMapping
{
    /// <param name="view">What there is.</param>
    /// <param name="all">What is not as desired, by the id of its network or port; the id of one may well be that of the other.</param>
    /// <param name="id">Of the network or port.</param>
    /// <param name="isPort">Which of both.</param>
    /// <param name="isDesigned">Whether it is known what it should be on this host.</param>
    public static (V1.ObjectCondition Condition, IReadOnlyList<Failure> Problems) Of(
        DataplaneView view, IReadOnlyDictionary<string, IReadOnlyList<Failure>> all, string id, bool isPort, bool isDesigned)
    {
        var drifts = (view.Drifts.GetValueOrDefault(id) ?? []).FindAll(d => IsIts(d.Subject));
        var found = (all.GetValueOrDefault(id) ?? []).Where(f => IsIts(f.Subject));
        IReadOnlyList<Failure> problems = [.. found.Union(drifts.Select(d => d.Failure).OfType<Failure>())];
        return ((isDesigned, problems.Count) switch
        {
            (true, _) when drifts.Exists(d => d.Handling == DriftHandling.Failed) => V1.ObjectCondition.Failed,
            (true, 0) when drifts.IsEmpty => V1.ObjectCondition.InPlace,
            (true, _) => V1.ObjectCondition.Drifted,

            // Nothing says what it should be here, so nobody can say whether it is.
            (false, 0) => V1.ObjectCondition.Unknown,
            (false, _) => V1.ObjectCondition.Failed,
        }, problems);

        bool IsIts(ObjectRef subject) => subject.Kind == ObjectKind.Port == isPort;
    }
}
