using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning;

namespace Cloudbr.Agent.Dataplane.Drifts;

/// <summary>What a change that was interrupted may have left half-made, when it is taken back.</summary>
internal static class HalfMade
{
    /// <summary>Routes of groups that no network is in any more: the agent's by their protocol number.</summary>
    private const string StrayRoutes = "stray routes";

    /// <summary>Whose a thing is. Of what is nobody's, a setting is called by its name, and only a route may be the agent's.</summary>
    public static string Of(ObjectRef subject) => subject switch
    {
        { Kind: ObjectKind.Sysctl } => subject.Name,
        { Kind: ObjectKind.Route, Id: "" } => StrayRoutes,
        _ => subject.Id,
    };

    /// <summary>All that is not the same in both, and what stands on it; of settings those that are wanted.</summary>
    public static ImmutableHashSet<string> Between(HostConfig begun, HostConfig inForce)
    {
        var names = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        names.Add(StrayRoutes);
        names.UnionWith(Differing(begun.PhysicalNetworks, inForce.PhysicalNetworks));
        names.UnionWith(begun.Networks.Concat(inForce.Networks).Where(n => names.Contains(n.Value.PhysicalNetwork)).Select(n => n.Key).ToList());
        names.UnionWith(Differing(begun.Networks, inForce.Networks));
        names.UnionWith(Differing(begun.Ports, inForce.Ports));
        names.UnionWith(begun.Ports.Concat(inForce.Ports).Where(p => names.Contains(p.Value.Network)).Select(p => p.Key).ToList());

        // What leads to networks and ports in the packet filter is the host's.
        names.Add(ObjectRef.Host.Id);
        names.UnionWith(SettingsPlanner.Wanted(inForce.Settings).Except(SettingsPlanner.Wanted(begun.Settings)).Select(s => s.Name));
        if (begun.ControlNetwork != inForce.ControlNetwork)
        {
            names.UnionWith(new[] { begun, inForce }.Select(c => c.ControlNetwork?.Bridge).OfType<string>());
        }

        return names.ToImmutable();
    }

    private static IEnumerable<string> Differing<T>(ImmutableDictionary<string, T> one, ImmutableDictionary<string, T> other)
        where T : class => one.Keys.Union(other.Keys, StringComparer.Ordinal).Where(k => !Equals(one.GetValueOrDefault(k), other.GetValueOrDefault(k)));
}
