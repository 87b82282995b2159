using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// Compares how ports' devices behave on their bridges with what is desired. The devices are the hypervisor's: only what a port asks for
/// is written to them, and taken back when it asks for it no more.
/// </summary>
internal static class PortPlanner
{
    public static IEnumerable<PlanStep> Plan(Desired before, Desired after, HostState state, PlanScope scope)
    {
        foreach (var (id, design) in after.Ports.Where(p => scope.Includes(p.Key)))
        {
            var wasIsolated = before.Ports.GetValueOrDefault(id)?.Port.IsIsolated == true;
            if ((design.Port.IsIsolated || wasIsolated) && Isolate(design, design.Port.IsIsolated, state) is { } step)
            {
                yield return step;
            }
        }

        if (ReferenceEquals(before.Ports, after.Ports))
        {
            yield break;
        }

        foreach (var (id, design) in before.Ports.Where(p => scope.Includes(p.Key)))
        {
            if (design.Port.IsIsolated && !after.Ports.ContainsKey(id) && Isolate(design, isIsolated: false, state) is { } step)
            {
                yield return step;
            }
        }
    }

    /// <summary>Null if it is so, or is not on its bridge.</summary>
    private static ChangeLink? Isolate(PortDesign design, bool isIsolated, HostState state)
    {
        if (state.Find(design.Device) is not { Port: { } now } link || now.Isolated == isIsolated || state.NameOf(link.Master) != design.Bridge)
        {
            return null;
        }

        var (change, was) = (new LinkChange { Port = now with { Isolated = isIsolated } }, new LinkChange { Port = now });
        return new ChangeLink(new ObjectRef(ObjectKind.Port, design.Port.NicId, link.Name), StepAction.Update, link.Name, link.Kind, change, was)
        {
            Attributes = LinkDifference.Words(was, change),
        };
    }
}
