using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>
/// What the parts of one config have to be together. What is realised by the same device in the end, such as one VLAN by two labels
/// of one uplink, only the design of it all tells.
/// </summary>
public static class HostConfigRules
{
    /// <param name="draft">What was asked for.</param>
    /// <param name="sections">The sections that it replaces.</param>
    /// <param name="inForce">Where the other sections come from.</param>
    /// <param name="state">The host; null where it does not matter, as for a config that was accepted before.</param>
    /// <param name="path">Where the config stands.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void Check(
        ConfigDraft draft, IReadOnlySet<ConfigSection> sections, HostConfig inForce, HostState? state, string path, Violations violations)
    {
        CheckOtherSections(draft, sections, path, violations);
        var labels = CheckPhysicalNetworks(draft.PhysicalNetworks, state, path, violations);
        CheckNetworks(draft.Networks, path, violations);
        CheckLabels(draft, sections, inForce, labels, path, violations);
        CheckPorts(draft.Ports, path, violations);
        CheckGroups(draft.AddressGroups, $"{path}.", violations);
        PortReferenceRules.Check(draft, sections, inForce, path, violations);
        CheckProviders(draft.Providers, path, violations);
        if (draft.Settings is { } settings)
        {
            HostSettingsRules.Check(settings, new FieldPath($"{path}.settings"), violations);
        }

        if (draft.Drift is { } drift)
        {
            DriftPolicyRules.Check(drift, new FieldPath($"{path}.drift"), violations);
        }

        if (draft.ControlNetwork is { } control)
        {
            ControlNetworkRules.Check(control, new FieldPath($"{path}.control_network"), violations);
        }

        CheckControlBridge(draft, sections, inForce, labels, path, violations);
        if (draft.HostAccess is { } access)
        {
            HostAccessRules.Check(access, new FieldPath($"{path}.host_access"), violations);
        }

        BridgeFilterRules.Check(draft, sections, inForce, path, violations);
    }

    /// <summary>The control network has a bridge of its own, in the config as it will be.</summary>
    private static void CheckControlBridge(
        ConfigDraft draft,
        IReadOnlySet<ConfigSection> sections,
        HostConfig inForce,
        Dictionary<string, int> labels,
        string path,
        Violations violations)
    {
        if (draft.ControlNetwork is { Bridge: var bridge })
        {
            if (labels.TryGetValue(bridge, out var same))
            {
                violations.Add($"{path}.control_network.bridge", $"{bridge} is also {path}.physical_networks[{same}].label");
            }
            else if (!sections.Contains(ConfigSection.PhysicalNetworks) && inForce.PhysicalNetworks.ContainsKey(bridge))
            {
                violations.Add($"{path}.control_network.bridge", $"{bridge} is also the label of a physical network in the config");
            }
        }
        else if (!sections.Contains(ConfigSection.ControlNetwork)
            && inForce.ControlNetwork is { } held && labels.TryGetValue(held.Bridge, out var label))
        {
            violations.Add($"{path}.physical_networks[{label}].label", $"{held.Bridge} is also the bridge of the control network in the config");
        }
    }

    private static void CheckOtherSections(ConfigDraft draft, IReadOnlySet<ConfigSection> sections, string path, Violations violations)
    {
        Refuse(draft.PhysicalNetworks.Count > 0, ConfigSection.PhysicalNetworks, "physical_networks");
        Refuse(draft.Networks.Count > 0, ConfigSection.Networks, "networks");
        Refuse(draft.Ports.Count > 0, ConfigSection.Ports, "ports");
        Refuse(draft.AddressGroups.Count > 0, ConfigSection.AddressGroups, "address_groups");
        Refuse(draft.ControlNetwork is not null, ConfigSection.ControlNetwork, "control_network");
        Refuse(draft.HostAccess is not null, ConfigSection.HostAccess, "host_access");
        Refuse(draft.Settings is not null, ConfigSection.Settings, "settings");
        Refuse(draft.Providers.Count > 0, ConfigSection.Providers, "providers");
        Refuse(draft.Drift is not null, ConfigSection.Drift, "drift");

        void Refuse(bool given, ConfigSection section, string field)
        {
            if (given && !sections.Contains(section))
            {
                violations.Add($"{path}.{field}", "is given, and is none of the sections that are to be replaced");
            }
        }
    }

    private static Dictionary<string, int> CheckPhysicalNetworks(
        IReadOnlyList<PhysicalNetwork> physicalNetworks, HostState? state, string path, Violations violations)
    {
        var labels = new Dictionary<string, int>(physicalNetworks.Count, StringComparer.Ordinal);
        var uplinks = new Dictionary<string, int>(physicalNetworks.Count, StringComparer.Ordinal);
        var list = $"{path}.physical_networks";
        for (var i = 0; i < physicalNetworks.Count; i++)
        {
            var physical = physicalNetworks[i];
            var here = new FieldPath(list, i);
            PhysicalNetworkRules.Check(physical, here, violations);
            if (state is not null)
            {
                PhysicalNetworkRules.CheckUplink(physical, state, here, violations);
            }

            CheckUnique(labels, physical.Label, i, list, "label", violations);
            if (physical is { Mode: PhysicalNetworkMode.Manage, Uplink.Length: > 0 } && !uplinks.TryAdd(physical.Uplink, i))
            {
                violations.Add($"{here}.uplink", $"{physical.Uplink} is also {list}[{uplinks[physical.Uplink]}].uplink, and belongs to one bridge only");
            }
        }

        return labels;
    }

    private static void CheckNetworks(IReadOnlyList<Network> networks, string path, Violations violations)
    {
        var list = $"{path}.networks";
        var ids = new Dictionary<string, int>(networks.Count, StringComparer.Ordinal);
        var vnis = new Dictionary<int, int>(networks.Count);
        var vids = new Dictionary<(string Label, int Vid), int>();
        for (var i = 0; i < networks.Count; i++)
        {
            var network = networks[i];
            NetworkRules.Check(network, new FieldPath(list, i), violations);
            CheckUnique(ids, network.Id, i, list, "id", violations);
            switch (network.Isolation)
            {
                case VxlanIsolation { Vni: >= 1 and <= NetworkRules.MostVni } vxlan when !vnis.TryAdd(vxlan.Vni, i):
                    violations.Add($"{list}[{i}].vxlan.vni", Clash(networks, list, i, vnis[vxlan.Vni], $"VNI {vxlan.Vni}"));
                    break;
                case VlanIsolation { Vid: >= 1 and <= NetworkRules.MostVid } vlan when !vids.TryAdd((network.PhysicalNetwork, vlan.Vid), i):
                    violations.Add(
                        $"{list}[{i}].vlan.vid",
                        Clash(networks, list, i, vids[(network.PhysicalNetwork, vlan.Vid)], $"VLAN {vlan.Vid} on {network.PhysicalNetwork}"));
                    break;
            }
        }
    }

    /// <summary>Every network rides on a label that is in the config as it will be.</summary>
    private static void CheckLabels(
        ConfigDraft draft,
        IReadOnlySet<ConfigSection> sections,
        HostConfig inForce,
        Dictionary<string, int> labels,
        string path,
        Violations violations)
    {
        var replaced = sections.Contains(ConfigSection.PhysicalNetworks);
        for (var i = 0; i < draft.Networks.Count; i++)
        {
            var label = draft.Networks[i].PhysicalNetwork;
            if (label.Length > 0 && !(replaced ? labels.ContainsKey(label) : inForce.PhysicalNetworks.ContainsKey(label)))
            {
                violations.Add($"{path}.networks[{i}].physical_network", Unknown(label));
            }
        }

        if (!replaced || sections.Contains(ConfigSection.Networks))
        {
            return;
        }

        foreach (var (label, id) in inForce.Networks.Values.Where(n => !labels.ContainsKey(n.PhysicalNetwork))
            .GroupBy(n => n.PhysicalNetwork, n => n.Id, StringComparer.Ordinal).Select(g => (g.Key, g.Min(StringComparer.Ordinal)!)).Order())
        {
            violations.Add($"{path}.physical_networks", $"{label} is left out, and network {id} rides on it");
        }
    }

    /// <summary>What is said of a label that is not in the config.</summary>
    public static string Unknown(string label) => $"there is no physical network {label} in the config";

    private static void CheckPorts(IReadOnlyList<Port> ports, string path, Violations violations)
    {
        var list = $"{path}.ports";
        var ids = new Dictionary<string, int>(ports.Count, StringComparer.Ordinal);
        var devices = new Dictionary<string, int>(ports.Count, StringComparer.Ordinal);
        var macs = new Dictionary<(string Network, MacAddress Mac), int>(ports.Count);
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            PortRules.Check(port, new FieldPath(list, i), violations);
            CheckUnique(ids, port.NicId, i, list, "nic_id", violations);
            CheckUnique(devices, port.Device, i, list, "device", violations);
            if (!macs.TryAdd((port.Network, port.Mac), i))
            {
                violations.Add(
                    $"{list}[{i}].mac",
                    $"{port.Mac} of port {port.NicId} is also that of port {ports[macs[(port.Network, port.Mac)]].NicId} in network {port.Network}, {list}[{macs[(port.Network, port.Mac)]}]");
            }
        }
    }

    /// <param name="groups">What to check.</param>
    /// <param name="path">Where the list stands, with a point after it if it is in something.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void CheckGroups(IReadOnlyList<AddressGroup> groups, string path, Violations violations)
    {
        var list = $"{path}address_groups";
        var names = new Dictionary<string, int>(groups.Count, StringComparer.Ordinal);
        for (var i = 0; i < groups.Count; i++)
        {
            AddressGroupRules.Check(groups[i], new FieldPath(list, i), violations);
            CheckUnique(names, groups[i].Name, i, list, "name", violations);
        }
    }

    private static void CheckProviders(IReadOnlyList<ProviderSetting> providers, string path, Violations violations)
    {
        if (providers.Count == 0)
        {
            return;
        }

        var list = $"{path}.providers";
        var names = new Dictionary<string, int>(providers.Count, StringComparer.Ordinal);
        for (var i = 0; i < providers.Count; i++)
        {
            if (providers[i].Name.Length == 0)
            {
                violations.Add($"{list}[{i}].name", "is required");
            }

            violations.CheckRange(providers[i].Priority, 0, 1000, new FieldPath(list, i), "priority");
            CheckUnique(names, providers[i].Name, i, list, "name", violations);
        }
    }

    private static void CheckUnique(
        Dictionary<string, int> seen, string key, int index, string list, string field, Violations violations)
    {
        if (key.Length > 0 && !seen.TryAdd(key, index))
        {
            violations.Add($"{list}[{index}].{field}", $"{key} is also {list}[{seen[key]}].{field}");
        }
    }

    private static string Clash(IReadOnlyList<Network> networks, string list, int index, int first, string what) =>
        $"{what} of network {networks[index].Id} is also that of network {networks[first].Id}, {list}[{first}]";
}
