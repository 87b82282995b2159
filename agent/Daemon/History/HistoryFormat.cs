using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane.History;
using Google.Protobuf.WellKnownTypes;

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

    public string Text(DriftPolicy drift) => YamlText.Of(new V1.DriftPolicy
    {
        Mode = drift.Mode == DriftMode.Observe ? V1.DriftMode.Observe : V1.DriftMode.Heal,
        AuditInterval = Duration.FromTimeSpan(drift.AuditInterval),
        MaxHealsPerMinute = (uint)drift.MaxHealsPerMinute,
    });

    public string Text(HistoryEntry entry)
    {
        var message = new V1.HistoryEntry
        {
            Generation = entry.Generation,
            AcceptedAt = Timestamp.FromDateTimeOffset(entry.AcceptedAt),
            Caller = entry.Caller,
            RequestId = entry.RequestId,
            Term = entry.Term,
            Method = entry.Method,
            Summary = entry.Summary,
            Note = entry.Note,
            Outcome = entry.Outcome switch
            {
                ChangeOutcome.Applied => V1.ChangeOutcome.Applied,
                ChangeOutcome.Unchanged => V1.ChangeOutcome.Unchanged,
                ChangeOutcome.Planned => V1.ChangeOutcome.Planned,
                ChangeOutcome.AwaitingConfirm => V1.ChangeOutcome.AwaitingConfirm,
                ChangeOutcome.FailedUndone => V1.ChangeOutcome.FailedUndone,
                _ => V1.ChangeOutcome.FailedIncomplete,
            },
            Confirmation = entry.Confirmation switch
            {
                Confirmation.NotAsked => V1.Confirmation.NotAsked,
                Confirmation.Awaited => V1.Confirmation.Awaited,
                Confirmation.Given => V1.Confirmation.Given,
                _ => V1.Confirmation.Expired,
            },
        };
        if (entry.Restores is { } restores)
        {
            message.RestoresGeneration = restores;
        }

        return YamlText.Of(message);
    }

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
