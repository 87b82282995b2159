using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;

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

/// <summary>Adds a port, or replaces the one with the same id, and with it the address groups that come along.</summary>
public sealed record PutPort(Port Port, ValueList<AddressGroup> Groups) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => config with
    {
        Ports = config.Ports.SetItem(Port.NicId, Port),
        AddressGroups = config.AddressGroups.SetItems(Groups.Select(g => KeyValuePair.Create(g.Name, g))),
    };
}

/// <summary>Removes a port, if it is there.</summary>
public sealed record RemovePort(string NicId) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => config with { Ports = config.Ports.Remove(NicId) };
}

/// <summary>Replaces the named sections, each as a whole.</summary>
public sealed record ReplaceConfig(HostConfig Config, IReadOnlySet<ConfigSection> Sections) : ConfigEdit
{
    public static readonly IReadOnlySet<ConfigSection> AllSections = Enum.GetValues<ConfigSection>().ToHashSet();

    public override HostConfig ApplyTo(HostConfig config) => new()
    {
        PhysicalNetworks = (Has(ConfigSection.PhysicalNetworks) ? Config : config).PhysicalNetworks,
        Networks = (Has(ConfigSection.Networks) ? Config : config).Networks,
        Ports = (Has(ConfigSection.Ports) ? Config : config).Ports,
        AddressGroups = (Has(ConfigSection.AddressGroups) ? Config : config).AddressGroups,
        HostAccess = (Has(ConfigSection.HostAccess) ? Config : config).HostAccess,
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

/// <summary>Keeps a generation that awaits its confirmation; changes nothing else.</summary>
public sealed record ConfirmGeneration(ulong Generation) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => config;
}

/// <summary>Makes the configuration of an earlier generation the desired one again.</summary>
public sealed record RestoreGeneration(Generation Target) : ConfigEdit
{
    /// <summary>Why, if it is the agent's own way back; null for somebody's request.</summary>
    public UndoCause? Cause { get; init; }

    public override HostConfig ApplyTo(HostConfig config) => Target.Config;
}

/// <summary>Finishes what was begun before the agent was interrupted.</summary>
public sealed record FinishGeneration(Generation Begun) : ConfigEdit
{
    public override HostConfig ApplyTo(HostConfig config) => Begun.Config;
}

/// <summary>The parts of a HostConfig.</summary>
public enum ConfigSection
{
    PhysicalNetworks,
    Networks,
    Ports,
    AddressGroups,
    ControlNetwork,
    HostAccess,
    Settings,
    Providers,
    Drift,
}
