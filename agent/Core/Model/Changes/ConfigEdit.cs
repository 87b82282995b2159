using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Model.Changes;

/// <summary>What a request does to the desired state.</summary>
public abstract record ConfigEdit
{
    public abstract HostConfig ApplyTo(HostConfig config);
}

/// <summary>Adds a network, or replaces the one with the same id.</summary>
public sealed record PutNetwork(Network Network) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) =>
        config with { Networks = config.Networks.SetItem(Network.Id, Network) };
}

/// <summary>Removes a network, if it is there.</summary>
public sealed record RemoveNetwork(string Id) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => config with { Networks = config.Networks.Remove(Id) };
}

/// <summary>Replaces the named sections, each as a whole.</summary>
public sealed record ReplaceConfig(HostConfig Config, IReadOnlySet<ConfigSection> Sections) : ConfigEdit
{
    public static readonly IReadOnlySet<ConfigSection> AllSections = Enum.GetValues<ConfigSection>().ToHashSet();

    public override HostConfig ApplyTo(HostConfig config) => new()
    {
        PhysicalNetworks = (Has(ConfigSection.PhysicalNetworks) ? Config : config).PhysicalNetworks,
        Networks = (Has(ConfigSection.Networks) ? Config : config).Networks,
        ControlNetwork = (Has(ConfigSection.ControlNetwork) ? Config : config).ControlNetwork,
        Settings = (Has(ConfigSection.Settings) ? Config : config).Settings,
        Providers = (Has(ConfigSection.Providers) ? Config : config).Providers,
        Drift = (Has(ConfigSection.Drift) ? Config : config).Drift,
    };

    private bool Has(ConfigSection section) => Sections.Contains(section);
}

/// <summary>Changes nothing in the desired state: reads the whole kernel anew and puts right what is not as desired.</summary>
public sealed record Resync : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => config;
}

/// <summary>The parts of a HostConfig.</summary>
public enum ConfigSection
{
    PhysicalNetworks,
    Networks,
    ControlNetwork,
    Settings,
    Providers,
    Drift,
}
