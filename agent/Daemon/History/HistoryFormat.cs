using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane.History;

namespace Cloudbr.Agent.Daemon.History;

/// <summary>
/// The history's files: the contract's messages as YAML. Lists whose order means nothing are sorted, so that a file changes only
/// when what it says changes.
/// </summary>
internal sealed class HistoryFormat : IHistoryFormat
{
    public string Text(PhysicalNetwork physical) => YamlText.Of(
        PhysicalNetworkMapping.ToMessage(physical with { TrafficTypes = physical.TrafficTypes.Order().ToValueList() }));

    public string Text(Network network) => YamlText.Of(NetworkMapping.ToMessage(Sorted(network)));

    public string Text(Port port) => YamlText.Of(PortMapping.ToMessage(Sorted(port)));

    public string Text(AddressGroup group) => YamlText.Of(AddressGroupMapping.ToMessage(group with { Members = Sorted(group.Members) }));

    public string Text(HostAccess access) =>
        YamlText.Of(HostMapping.ToMessage(new HostAccess(Sorted(access.ManagementCidrs), Sorted(access.PeerCidrs)))!);

    public string Text(ControlNetwork control) => YamlText.Of(HostMapping.ToMessage(control)!);

    public string Text(HostSettings settings) => YamlText.Of(HostMapping.ToMessage(settings)!);

    public string Text(ValueList<ProviderSetting> providers)
    {
        var config = new V1.HostConfig();
        config.Providers.Add(providers.OrderBy(p => p.Name, StringComparer.Ordinal).Select(ProviderMapping.ToMessage));
        return YamlText.Of(config);
    }

    public string Text(DriftPolicy drift) => YamlText.Of(DriftPolicyMapping.ToMessage(drift)!);

    public string Text(HistoryEntry entry) => YamlText.Of(HistoryMapping.ToMessage(entry));

    private static Network Sorted(Network network) => network.Isolation is VxlanIsolation { Mode: VxlanStatic known } vxlan
        ? network with
        {
            Isolation = vxlan with
            {
                Mode = known with
                {
                    Peers = known.Peers.Order(AddressOrder).ToValueList(),
                    Entries = known.Entries.OrderBy(e => e.Mac.ToString(), StringComparer.Ordinal).ThenBy(e => e.Peer, AddressOrder).ToValueList(),
                },
            },
        }
        : network;

    /// <summary>The first of the addresses is the primary one; of all others the order means nothing.</summary>
    private static Port Sorted(Port port) => port with
    {
        Addresses = [.. port.Addresses.Take(1), .. port.Addresses.Skip(1).Order(PrefixOrder)],
        Security = port.Security is { } security ? security with { Ingress = Sorted(security.Ingress), Egress = Sorted(security.Egress) } : null,
        AllowedPairs = port.AllowedPairs.Select(p => p with { Addresses = Sorted(p.Addresses) })
            .OrderBy(p => p.Mac?.ToString(), StringComparer.Ordinal).ThenBy(p => string.Join(' ', p.Addresses), StringComparer.Ordinal)
            .ThenBy(p => p.AllowsVrrp).ToValueList(),
    };

    /// <summary>By their names, and those that have none by what they say.</summary>
    private static ValueList<SecurityRule> Sorted(ValueList<SecurityRule> rules) => rules
        .Select(r => r with { Cidrs = Sorted(r.Cidrs), AddressGroups = r.AddressGroups.Order(StringComparer.Ordinal).ToValueList() })
        .OrderBy(r => r.Id, StringComparer.Ordinal).ThenBy(r => r.ToString(), StringComparer.Ordinal).ToValueList();

    private static ValueList<IpPrefix> Sorted(ValueList<IpPrefix> prefixes) => prefixes.Order(PrefixOrder).ToValueList();

    /// <summary>By number: 192.0.2.9 before 192.0.2.10.</summary>
    private static readonly Comparer<IPAddress> AddressOrder =
        Comparer<IPAddress>.Create((a, b) => a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes()));

    private static readonly Comparer<IpPrefix> PrefixOrder = Comparer<IpPrefix>.Create((a, b) =>
        a.IsIpv4 != b.IsIpv4 ? b.IsIpv4.CompareTo(a.IsIpv4)
        : AddressOrder.Compare(a.Address, b.Address) is not 0 and var order ? order
        : a.Length.CompareTo(b.Length));
}
