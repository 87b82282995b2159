using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Which parts of a HostConfig a request means.</summary>
internal static class SectionMapping
{
    /// <param name="sections">What was asked for; empty for all.</param>
    /// <param name="path">Where the list stands.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static IReadOnlySet<ConfigSection> ToModel(IReadOnlyList<V1.ConfigSection> sections, string path, RequestErrors errors)
    {
        if (sections.Count == 0)
        {
            return ReplaceConfig.AllSections;
        }

        var found = new HashSet<ConfigSection>();
        for (var i = 0; i < sections.Count; i++)
        {
            if (ToModel(sections[i]) is { } section)
            {
                if (!found.Add(section))
                {
                    errors.Wrong.Add($"{path}[{i}]", "is named twice");
                }
            }
            else if (sections[i] is > V1.ConfigSection.Unspecified and <= V1.ConfigSection.Probing)
            {
                errors.NotYet.Add($"{path}[{i}]", sections[i].ToString());
            }
            else
            {
                errors.UnknownValue((int)sections[i], nameof(ConfigSection), new FieldPath(path, i), 0);
            }
        }

        return found;
    }

    /// <summary>In the contract's order.</summary>
    public static IEnumerable<V1.ConfigSection> ToMessages(IEnumerable<ConfigSection> sections) => sections.Select(ToMessage).Order();

    /// <summary>Null for what this version does not know.</summary>
    public static ConfigSection? ToModel(V1.ConfigSection section) => section switch
    {
        V1.ConfigSection.PhysicalNetworks => ConfigSection.PhysicalNetworks,
        V1.ConfigSection.Networks => ConfigSection.Networks,
        V1.ConfigSection.Ports => ConfigSection.Ports,
        V1.ConfigSection.AddressGroups => ConfigSection.AddressGroups,
        V1.ConfigSection.ControlNetwork => ConfigSection.ControlNetwork,
        V1.ConfigSection.HostAccess => ConfigSection.HostAccess,
        V1.ConfigSection.Settings => ConfigSection.Settings,
        V1.ConfigSection.Providers => ConfigSection.Providers,
        V1.ConfigSection.Drift => ConfigSection.Drift,
        _ => null,
    };

    private static V1.ConfigSection ToMessage(ConfigSection section) => section switch
    {
        ConfigSection.PhysicalNetworks => V1.ConfigSection.PhysicalNetworks,
        ConfigSection.Networks => V1.ConfigSection.Networks,
        ConfigSection.Ports => V1.ConfigSection.Ports,
        ConfigSection.AddressGroups => V1.ConfigSection.AddressGroups,
        ConfigSection.ControlNetwork => V1.ConfigSection.ControlNetwork,
        ConfigSection.HostAccess => V1.ConfigSection.HostAccess,
        ConfigSection.Settings => V1.ConfigSection.Settings,
        ConfigSection.Providers => V1.ConfigSection.Providers,
        _ => V1.ConfigSection.Drift,
    };
}
