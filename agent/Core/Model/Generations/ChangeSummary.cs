using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Model.Generations;

/// <summary>What a change of the configuration was, in one line for people.</summary>
public static class ChangeSummary
{
    public static string Of(ConfigEdit edit, HostConfig before, HostConfig after) => edit switch
    {
        PutNetwork put => $"network {put.Network.Id}{(before.Networks.ContainsKey(put.Network.Id) ? " changed" : "")}: {Words(put.Network)}",
        RemoveNetwork remove => $"network {remove.Id} removed",
        PutPort put => $"port {put.Port.NicId} {(before.Ports.ContainsKey(put.Port.NicId) ? "changed" : "prepared")}: {Words(put, before)}",
        RemovePort remove => $"port {remove.NicId} released",
        RestoreGeneration restore => string.Create(CultureInfo.InvariantCulture, $"back to generation {restore.Target.Number}: {Difference(before, after)}"),
        _ => Difference(before, after),
    };

    private static string Difference(HostConfig before, HostConfig after)
    {
        var parts = new List<string>();
        Count(parts, "physical network", before.PhysicalNetworks, after.PhysicalNetworks);
        Count(parts, "network", before.Networks, after.Networks);
        Count(parts, "port", before.Ports, after.Ports);
        Count(parts, "address group", before.AddressGroups, after.AddressGroups);
        Note(parts, "control network", before.ControlNetwork, after.ControlNetwork);
        Note(parts, "host access", before.HostAccess, after.HostAccess);
        Note(parts, "settings", before.Settings, after.Settings);
        Note(parts, "drift policy", before.Drift, after.Drift);
        if (before.Providers != after.Providers)
        {
            parts.Add("providers changed");
        }

        return parts.Count == 0 ? "nothing changed" : string.Join(", ", parts);
    }

    private static void Note<T>(List<string> parts, string what, T? before, T? after)
        where T : class
    {
        if (!Equals(before, after))
        {
            parts.Add($"{what} {(before is null ? "added" : after is null ? "removed" : "changed")}");
        }
    }

    /// <summary>One by its name, several by their number.</summary>
    private static void Count<T>(List<string> parts, string what, ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after)
        where T : class
    {
        Add("added", [.. after.Keys.Where(k => !before.ContainsKey(k))]);
        Add("changed", [.. after.Where(p => before.TryGetValue(p.Key, out var was) && !Equals(was, p.Value)).Select(p => p.Key)]);
        Add("removed", [.. before.Keys.Where(k => !after.ContainsKey(k))]);

        void Add(string done, string[] keys)
        {
            if (keys.Length > 0)
            {
                parts.Add(keys.Length == 1 ? $"{what} {keys[0]} {done}" : string.Create(CultureInfo.InvariantCulture, $"{keys.Length} {what}s {done}"));
            }
        }
    }

    /// <summary>With the groups that came along and say something new.</summary>
    private static string Words(PutPort put, HostConfig before)
    {
        List<string> parts = [$"{put.Port.Mac} in network {put.Port.Network}"];
        Count(parts, "address group", before.AddressGroups, before.AddressGroups.SetItems(put.Groups.Select(g => KeyValuePair.Create(g.Name, g))));
        return string.Join(", ", parts);
    }

    private static string Words(Network network) => network.Isolation switch
    {
        VlanIsolation vlan => string.Create(CultureInfo.InvariantCulture, $"VLAN {vlan.Vid} on {network.PhysicalNetwork}"),
        VxlanIsolation vxlan => string.Create(CultureInfo.InvariantCulture, $"VXLAN {vxlan.Vni} on {network.PhysicalNetwork}"),
        _ => $"untagged on {network.PhysicalNetwork}",
    };
}
