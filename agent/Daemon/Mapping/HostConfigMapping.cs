using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class HostConfigMapping
{
    public static ConfigDraft ToDraft(V1.HostConfig config, string path, RequestErrors errors)
    {
        if (config.Probing is not null)
        {
            errors.NotYet.Add($"{path}.probing", "");
        }

        var physicalNetworks = new PhysicalNetwork[config.PhysicalNetworks.Count];
        var list = $"{path}.physical_networks";
        for (var i = 0; i < physicalNetworks.Length; i++)
        {
            physicalNetworks[i] = PhysicalNetworkMapping.ToModel(config.PhysicalNetworks[i], new FieldPath(list, i), errors);
        }

        var networks = new Network[config.Networks.Count];
        list = $"{path}.networks";
        for (var i = 0; i < networks.Length; i++)
        {
            networks[i] = NetworkMapping.ToModel(config.Networks[i], new FieldPath(list, i), errors);
        }

        var ports = new Port[config.Ports.Count];
        list = $"{path}.ports";
        for (var i = 0; i < ports.Length; i++)
        {
            ports[i] = PortMapping.ToModel(config.Ports[i], new FieldPath(list, i), errors);
        }

        return new ConfigDraft
        {
            PhysicalNetworks = physicalNetworks,
            Networks = networks,
            Ports = ports,
            AddressGroups = AddressGroupMapping.ToModels(config.AddressGroups, $"{path}.", errors),
            ControlNetwork = HostMapping.ToModel(config.ControlNetwork, $"{path}.control_network", errors),
            HostAccess = HostMapping.ToModel(config.HostAccess, $"{path}.host_access", errors),
            Settings = HostMapping.ToModel(config.Settings),
            Providers = [.. config.Providers.Select(ProviderMapping.ToModel)],
            Drift = DriftPolicyMapping.ToModel(config.Drift, $"{path}.drift", errors),
        };
    }

    /// <summary>These sections of a config, each sorted by its key.</summary>
    public static V1.HostConfig ToMessage(HostConfig config, IReadOnlySet<ConfigSection> sections)
    {
        var message = new V1.HostConfig();
        if (sections.Contains(ConfigSection.PhysicalNetworks))
        {
            message.PhysicalNetworks.Add(
                config.PhysicalNetworks.Values.OrderBy(p => p.Label, StringComparer.Ordinal).Select(PhysicalNetworkMapping.ToMessage));
        }

        if (sections.Contains(ConfigSection.Networks))
        {
            message.Networks.Add(config.Networks.Values.OrderBy(n => n.Id, StringComparer.Ordinal).Select(NetworkMapping.ToMessage));
        }

        if (sections.Contains(ConfigSection.Ports))
        {
            message.Ports.Add(config.Ports.Values.OrderBy(p => p.NicId, StringComparer.Ordinal).Select(PortMapping.ToMessage));
        }

        if (sections.Contains(ConfigSection.AddressGroups))
        {
            message.AddressGroups.Add(config.AddressGroups.Values.OrderBy(g => g.Name, StringComparer.Ordinal).Select(AddressGroupMapping.ToMessage));
        }

        if (sections.Contains(ConfigSection.ControlNetwork))
        {
            message.ControlNetwork = HostMapping.ToMessage(config.ControlNetwork);
        }

        if (sections.Contains(ConfigSection.HostAccess))
        {
            message.HostAccess = HostMapping.ToMessage(config.HostAccess);
        }

        if (sections.Contains(ConfigSection.Settings))
        {
            message.Settings = HostMapping.ToMessage(config.Settings);
        }

        if (sections.Contains(ConfigSection.Providers))
        {
            message.Providers.Add(config.Providers.OrderBy(p => p.Name, StringComparer.Ordinal).Select(ProviderMapping.ToMessage));
        }

        if (sections.Contains(ConfigSection.Drift))
        {
            message.Drift = DriftPolicyMapping.ToMessage(config.Drift);
        }

        return message;
    }
}
