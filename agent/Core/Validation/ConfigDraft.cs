using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>A HostConfig as it was written: in the order of the request, and perhaps with the same thing in it twice.</summary>
public sealed record ConfigDraft
{
    public IReadOnlyList<PhysicalNetwork> PhysicalNetworks { get; init; } = [];

    public IReadOnlyList<Network> Networks { get; init; } = [];

    public IReadOnlyList<Port> Ports { get; init; } = [];

    public IReadOnlyList<AddressGroup> AddressGroups { get; init; } = [];

    public ControlNetwork? ControlNetwork { get; init; }

    public HostAccess? HostAccess { get; init; }

    public HostSettings? Settings { get; init; }

    public IReadOnlyList<ProviderSetting> Providers { get; init; } = [];

    public DriftPolicy? Drift { get; init; }

    /// <summary>
    /// These sections of the config, once the draft was found to be without fault. What is the same as in <paramref name="inForce"/>
    /// is that very object, so that a config that is sent again costs next to nothing here and is compared in no time by others.
    /// </summary>
    public HostConfig ToConfig(HostConfig inForce, IReadOnlySet<ConfigSection> sections) => new()
    {
        PhysicalNetworks = sections.Contains(ConfigSection.PhysicalNetworks)
            ? Merge(inForce.PhysicalNetworks, PhysicalNetworks, static p => p.Label)
            : HostConfig.Empty.PhysicalNetworks,
        Networks = sections.Contains(ConfigSection.Networks)
            ? Merge(inForce.Networks, Networks, static n => n.Id)
            : HostConfig.Empty.Networks,
        Ports = sections.Contains(ConfigSection.Ports)
            ? Merge(inForce.Ports, Ports, static p => p.NicId)
            : HostConfig.Empty.Ports,
        AddressGroups = sections.Contains(ConfigSection.AddressGroups)
            ? Merge(inForce.AddressGroups, AddressGroups, static g => g.Name)
            : HostConfig.Empty.AddressGroups,
        ControlNetwork = ControlNetwork,
        HostAccess = HostAccess,
        Settings = Settings,
        Providers = Sorted(Providers),
        Drift = Drift,
    };

    private static ImmutableDictionary<string, T> Merge<T>(
        ImmutableDictionary<string, T> inForce, IReadOnlyList<T> wanted, Func<T, string> key)
        where T : class
    {
        var result = inForce.ToBuilder();
        foreach (var item in wanted)
        {
            if (!inForce.TryGetValue(key(item), out var known) || !known.Equals(item))
            {
                result[key(item)] = item;
            }
        }

        if (result.Count > wanted.Count)
        {
            var keys = wanted.Select(key).ToHashSet(StringComparer.Ordinal);
            result.RemoveRange(inForce.Keys.Where(k => !keys.Contains(k)));
        }

        return result.ToImmutable();
    }

    /// <summary>The order within a list means nothing, so the same list in another order is the same config.</summary>
    private static ValueList<ProviderSetting> Sorted(IReadOnlyList<ProviderSetting> providers) =>
        providers.Count == 0 ? default : providers.OrderBy(p => p.Name, StringComparer.Ordinal).ToValueList();
}
