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

    /// <summary>By number: 192.0.2.9 before 192.0.2.10.</summary>
    private static readonly Comparer<IPAddress> AddressOrder =
        Comparer<IPAddress>.Create((a, b) => a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes()));
}
