using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What a port needs of the rest of the config: its network, security groups there if it has rules, and the groups that these name.</summary>
internal static class PortNeeds
{
    /// <param name="port">Whose needs they are.</param>
    /// <param name="networkOf">The network of an id in the config as it will be, or null.</param>
    /// <param name="hasGroup">Whether a group of that name is in it.</param>
    /// <param name="path">Where the port stands.</param>
    /// <param name="violations">Where what is missing is added.</param>
    public static void Check(
        Port port, Func<string, Network?> networkOf, Func<string, bool> hasGroup, FieldPath path, Violations violations)
    {
        if (networkOf(port.Network) is not { } network)
        {
            // Of what is no id, its own rules tell.
            violations.Require(port.Network.Length == 0, $"{path}.network_id", $"there is no network {port.Network} in the config");
        }
        else if (port.Security is not null && network.Security is null)
        {
            violations.Add($"{path}.security", $"is refused in network {network.Id}, which has no security groups");
        }

        CheckGroups(port.Security?.Ingress ?? default, "ingress");
        CheckGroups(port.Security?.Egress ?? default, "egress");

        void CheckGroups(ValueList<SecurityRule> rules, string direction)
        {
            for (var i = 0; i < rules.Count; i++)
            {
                var names = rules[i].AddressGroups;
                for (var j = 0; j < names.Count; j++)
                {
                    if (!hasGroup(names[j]))
                    {
                        violations.Add(
                            $"{path}.security.{direction}[{i}].address_groups[{j}]",
                            names[j].Length == 0 ? "is required" : $"there is no address group {names[j]} in the config");
                    }
                }
            }
        }
    }

    /// <summary>The groups that a port's rules name.</summary>
    public static IEnumerable<string> GroupsOf(Port port) => port.Security is { } security
        ? security.Ingress.Concat(security.Egress).SelectMany(r => r.AddressGroups)
        : [];
}
