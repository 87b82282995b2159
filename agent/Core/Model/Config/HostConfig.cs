using System.Collections.Immutable;

namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>The whole desired state. Changing one of thousands of networks costs what the one costs.</summary>
public sealed record HostConfig
{
    public static readonly HostConfig Empty = new();

    public ImmutableDictionary<string, PhysicalNetwork> PhysicalNetworks { get; init; } =
        ImmutableDictionary.Create<string, PhysicalNetwork>(StringComparer.Ordinal);

    public ImmutableDictionary<string, Network> Networks { get; init; } =
        ImmutableDictionary.Create<string, Network>(StringComparer.Ordinal);

    /// <summary>By the NIC's id.</summary>
    public ImmutableDictionary<string, Port> Ports { get; init; } = ImmutableDictionary.Create<string, Port>(StringComparer.Ordinal);

    public ImmutableDictionary<string, AddressGroup> AddressGroups { get; init; } =
        ImmutableDictionary.Create<string, AddressGroup>(StringComparer.Ordinal);

    public ControlNetwork? ControlNetwork { get; init; }

    /// <summary>Null: no rules for the host's own services.</summary>
    public HostAccess? HostAccess { get; init; }

    public HostSettings? Settings { get; init; }

    public ValueList<ProviderSetting> Providers { get; init; }

    /// <summary>Null for the default.</summary>
    public DriftPolicy? Drift { get; init; }

    /// <summary>
    /// Whether a provider is switched off: what it realises stays as it is in the kernel, and is nobody's business until it is switched
    /// on again.
    /// </summary>
    public bool IsSwitchedOff(string provider)
    {
        foreach (var wish in Providers)
        {
            if (wish.Name == provider)
            {
                return !wish.Enabled;
            }
        }

        return false;
    }

    /// <summary>
    /// This configuration with every part that says the same as in another one taken from there: parts that did not change are the
    /// same objects, and a configuration that says nothing new is the other one itself.
    /// </summary>
    public HostConfig SettleOn(HostConfig other)
    {
        var settled = this with
        {
            PhysicalNetworks = Same(PhysicalNetworks, other.PhysicalNetworks) ? other.PhysicalNetworks : PhysicalNetworks,
            Networks = Same(Networks, other.Networks) ? other.Networks : Networks,
            Ports = Same(Ports, other.Ports) ? other.Ports : Ports,
            AddressGroups = Same(AddressGroups, other.AddressGroups) ? other.AddressGroups : AddressGroups,
        };
        return settled == other ? other : settled;
    }

    private static bool Same<T>(ImmutableDictionary<string, T> left, ImmutableDictionary<string, T> right)
    {
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var there) || !EqualityComparer<T>.Default.Equals(value, there))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A wish about a provider.</summary>
public sealed record ProviderSetting(string Name, bool Enabled, int? Priority);
