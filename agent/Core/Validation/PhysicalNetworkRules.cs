using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What a PhysicalNetwork has to be by itself.</summary>
public static class PhysicalNetworkRules
{
    /// <summary>What holds for one that is to be; one that is only asked about may carry nothing.</summary>
    public static void Check(PhysicalNetwork physical, FieldPath path, Violations violations)
    {
        CheckAsked(physical, path, violations);
        if (physical.TrafficTypes.Count == 0)
        {
            violations.Add($"{path}.traffic_types", "is required: say what it carries");
        }
    }

    /// <summary>What holds for one that a check asks about.</summary>
    public static void CheckAsked(PhysicalNetwork physical, FieldPath path, Violations violations)
    {
        violations.CheckDevice(physical.Label, path, "label");
        if (physical.Uplink.Length > 0)
        {
            violations.CheckDevice(physical.Uplink, path, "uplink");
        }

        violations.CheckRange(physical.Mtu, RangeRules.LeastMtu, RangeRules.MostMtu, path, "mtu");
        violations.CheckUnicast(physical.TunnelAddress, path, "tunnel_address");
        for (var i = 1; i < physical.TrafficTypes.Count; i++)
        {
            var first = physical.TrafficTypes.AsSpan()[..i].IndexOf(physical.TrafficTypes[i]);
            if (first >= 0)
            {
                violations.Add($"{path}.traffic_types[{i}]", $"is also traffic_types[{first}]");
            }
        }

        if (physical.Bridge is { } bridge)
        {
            BridgeOptionRules.Check(bridge, path, violations);
        }
    }

    /// <summary>
    /// An uplink may be left out only where the label is that of the uplink itself, and only the host knows whether it is.
    /// </summary>
    public static void CheckUplink(PhysicalNetwork physical, HostState state, FieldPath path, Violations violations)
    {
        if (physical is { Mode: PhysicalNetworkMode.Manage, Uplink.Length: 0, Label.Length: > 0 }
            && state.Find(physical.Label) is null or { Kind: LinkKind.Bridge })
        {
            violations.Add($"{path}.uplink", $"is required with MANAGE, for {physical.Label} is not itself an uplink on this host");
        }
    }
}
