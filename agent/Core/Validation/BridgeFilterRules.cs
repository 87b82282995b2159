using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>Security groups are rules of iptables and ip6tables, which bridged packets have to meet.</summary>
public static class BridgeFilterRules
{
    public static void Check(
        ConfigDraft draft, IReadOnlySet<ConfigSection> sections, HostConfig inForce, string path, Violations violations)
    {
        if (!sections.Contains(ConfigSection.Settings))
        {
            for (var i = 0; i < draft.Networks.Count; i++)
            {
                CheckNetwork(draft.Networks[i], inForce.Settings, new FieldPath($"{path}.networks", i), violations);
            }

            return;
        }

        var networks = sections.Contains(ConfigSection.Networks) ? draft.Networks : inForce.Networks.Values;
        if (SwitchedOff(draft.Settings).FirstOrDefault() is not null
            && networks.Where(n => n.Security is not null).Select(n => n.Id).Min(StringComparer.Ordinal) is { } secured)
        {
            foreach (var field in SwitchedOff(draft.Settings))
            {
                violations.Add($"{path}.settings.{field}", $"is off, and network {secured} has security groups, which need it");
            }
        }
    }

    /// <summary>One network beside the settings in force.</summary>
    public static void CheckNetwork(Network network, HostSettings? settings, FieldPath path, Violations violations)
    {
        if (network.Security is null)
        {
            return;
        }

        foreach (var field in SwitchedOff(settings))
        {
            violations.Add($"{path}.security.mode", $"SECURITY_GROUPS needs {field}, which the config's settings switch off");
        }
    }

    private static IEnumerable<string> SwitchedOff(HostSettings? settings)
    {
        if (settings?.BridgeNfCallIptables == false)
        {
            yield return "bridge_nf_call_iptables";
        }

        if (settings?.BridgeNfCallIp6tables == false)
        {
            yield return "bridge_nf_call_ip6tables";
        }
    }
}
