using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>
/// Ports, networks and address groups of a config as it will be. A port that the request brings is told what it lacks; where the request
/// takes something away from ports that stay, it is told of that.
/// </summary>
internal static class PortReferenceRules
{
    public static void Check(
        ConfigDraft draft, IReadOnlySet<ConfigSection> sections, HostConfig inForce, string path, Violations violations)
    {
        var replaced = sections.Contains(ConfigSection.Ports);
        if (replaced ? draft.Ports.Count == 0 : inForce.Ports.IsEmpty)
        {
            return;
        }

        var networks = sections.Contains(ConfigSection.Networks) ? ByKey(draft.Networks, n => n.Id) : null;
        var groups = sections.Contains(ConfigSection.AddressGroups) ? ByKey(draft.AddressGroups, g => g.Name) : null;
        if (replaced)
        {
            for (var i = 0; i < draft.Ports.Count; i++)
            {
                PortNeeds.Check(
                    draft.Ports[i],
                    id => networks is null ? inForce.Networks.GetValueOrDefault(id) : networks.TryGetValue(id, out var at) ? draft.Networks[at] : null,
                    name => groups?.ContainsKey(name) ?? inForce.AddressGroups.ContainsKey(name),
                    new FieldPath($"{path}.ports", i),
                    violations);
            }

            return;
        }

        if (networks is not null)
        {
            CheckNetworks(draft.Networks, networks, inForce, path, violations);
        }

        if (groups is not null)
        {
            var named = inForce.Ports.Values.SelectMany(p => PortNeeds.GroupsOf(p).Select(g => (Group: g, p.NicId)));
            foreach (var (name, nicId) in First(named.Where(n => !groups.ContainsKey(n.Group))))
            {
                violations.Add($"{path}.address_groups", $"{name} is left out, and rules of port {nicId} name it");
            }
        }
    }

    private static void CheckNetworks(
        IReadOnlyList<Network> wanted, Dictionary<string, int> networks, HostConfig inForce, string path, Violations violations)
    {
        foreach (var (id, nicId) in First(inForce.Ports.Values.Where(p => !networks.ContainsKey(p.Network)).Select(p => (p.Network, p.NicId))))
        {
            violations.Add($"{path}.networks", $"{id} is left out, and port {nicId} is in it");
        }

        var open = inForce.Ports.Values.Where(p => p.Security is not null && networks.TryGetValue(p.Network, out var at) && wanted[at].Security is null);
        foreach (var (id, nicId) in First(open.Select(p => (p.Network, p.NicId))))
        {
            violations.Add($"{path}.networks[{networks[id]}].security", Needed(nicId));
        }
    }

    /// <summary>What is said of a network that is to have no security groups any more.</summary>
    public static string Needed(string nicId) => $"is left out, and port {nicId} has security rules";

    /// <summary>Each key once, with the first of the ports that need it.</summary>
    private static IEnumerable<(string Key, string NicId)> First(IEnumerable<(string Key, string NicId)> needs) =>
        needs.GroupBy(n => n.Key, n => n.NicId, StringComparer.Ordinal).Select(g => (g.Key, g.Min(StringComparer.Ordinal)!)).Order();

    private static Dictionary<string, int> ByKey<T>(IReadOnlyList<T> items, Func<T, string> key)
    {
        var found = new Dictionary<string, int>(items.Count, StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            found.TryAdd(key(items[i]), i);
        }

        return found;
    }
}
