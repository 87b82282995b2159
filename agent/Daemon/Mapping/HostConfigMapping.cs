using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class HostConfigMapping
{
    public static ConfigDraft ToDraft(V1.HostConfig config, string path, RequestErrors errors)
    {
        RefuseWhatIsNotYet(config, path, errors);
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

        return new ConfigDraft
        {
            PhysicalNetworks = physicalNetworks,
            Networks = networks,
            ControlNetwork = HostMapping.ToModel(config.ControlNetwork, $"{path}.control_network", errors),
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

        if (sections.Contains(ConfigSection.ControlNetwork))
        {
            message.ControlNetwork = HostMapping.ToMessage(config.ControlNetwork);
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

    private static void RefuseWhatIsNotYet(V1.HostConfig config, string path, RequestErrors errors)
    {
        Refuse(config.Ports.Count > 0, "ports");
        Refuse(config.AddressGroups.Count > 0, "address_groups");
        Refuse(config.HostAccess is not null, "host_access");
        Refuse(config.Probing is not null, "probing");

        void Refuse(bool given, string field)
        {
            if (given)
            {
                errors.NotYet.Add($"{path}.{field}", "");
            }
        }
    }
}
