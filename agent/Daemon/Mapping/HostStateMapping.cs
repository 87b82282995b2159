using System.Globalization;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class HostStateMapping
{
    /// <param name="view">What there is.</param>
    /// <param name="checks">The physical networks of the desired state.</param>
    /// <param name="request">Which parts of it.</param>
    /// <param name="forwarding">The forwarding entries of all devices, or null if nobody asked for them.</param>
    public static V1.HostState ToMessage(
        DataplaneView view, IReadOnlyList<PhysicalCheck> checks, V1.GetStateRequest request, IReadOnlyList<ForwardingEntry>? forwarding)
    {
        var message = new V1.HostState { Status = StatusMapping.ToMessage(view.Status), AsOf = Timestamp.FromDateTimeOffset(view.AsOf) };
        message.PhysicalNetworks.Add(checks.OrderBy(c => c.Label, StringComparer.Ordinal).Select(PhysicalNetworkMapping.ToMessage));
        message.Networks.Add(Chosen(view.Desired.Config, request.NetworkIds).Select(id => NetworkState(view, id)));
        if (request.IncludeLinks)
        {
            message.Links.Add(new LinkMapping(view.State, view.Desired, forwarding).ToMessages());
        }

        message.Settings.Add(Settings(view));
        return message;
    }

    /// <summary>The networks asked for that are here, sorted by id.</summary>
    private static IEnumerable<string> Chosen(HostConfig config, RepeatedField<string> ids) =>
        (ids.Count == 0 ? config.Networks.Keys : ids.Distinct(StringComparer.Ordinal).Where(config.Networks.ContainsKey)).Order(StringComparer.Ordinal);

    private static V1.NetworkState NetworkState(DataplaneView view, string id)
    {
        var design = view.Desired.Networks.GetValueOrDefault(id);
        var problems = view.Problems.GetValueOrDefault(id) ?? [];
        var message = new V1.NetworkState
        {
            Realisation = design is null ? new V1.NetworkRealisation { NetworkId = id } : RealisationMapping.ToMessage(design, adopted: false),
            Condition = (design, problems.Count) switch
            {
                (not null, 0) => V1.ObjectCondition.InPlace,
                (not null, _) => V1.ObjectCondition.Drifted,

                // Nothing says what it should be here, so nobody can say whether it is.
                (null, 0) => V1.ObjectCondition.Unknown,
                (null, _) => V1.ObjectCondition.Failed,
            },
        };
        message.Problems.Add(problems.Select(FailureMapping.ToMessage));
        return message;
    }

    private static IEnumerable<V1.SettingState> Settings(DataplaneView view)
    {
        var desired = SettingValues.Of(view.Desired.Config.Settings).ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
        foreach (var name in desired.Keys.Union(view.PreviousSettings.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var state = new V1.SettingState { Name = name, Desired = desired.GetValueOrDefault(name, "") };
            if (view.State.Setting(name) is { } actual)
            {
                state.Actual = actual;
            }

            if (view.PreviousSettings.TryGetValue(name, out var previous))
            {
                state.Previous = previous;
            }

            yield return state;
        }
    }

    /// <summary>Settings by the names that the kernel has for them.</summary>
    private static class SettingValues
    {
        public static IEnumerable<(string Name, string Value)> Of(HostSettings? settings)
        {
            (string Name, int? Value)[] all = settings is null ? [] :
            [
                ("net.ipv4.ip_forward", Number(settings.IpForward)),
                ("net.ipv6.conf.all.forwarding", Number(settings.Ipv6Forward)),
                ("net.bridge.bridge-nf-call-iptables", Number(settings.BridgeNfCallIptables)),
                ("net.bridge.bridge-nf-call-ip6tables", Number(settings.BridgeNfCallIp6tables)),
                ("net.bridge.bridge-nf-call-arptables", Number(settings.BridgeNfCallArptables)),
                ("net.ipv4.neigh.default.gc_thresh1", settings.Ipv4Neighbours?.GcThresh1),
                ("net.ipv4.neigh.default.gc_thresh2", settings.Ipv4Neighbours?.GcThresh2),
                ("net.ipv4.neigh.default.gc_thresh3", settings.Ipv4Neighbours?.GcThresh3),
                ("net.ipv6.neigh.default.gc_thresh1", settings.Ipv6Neighbours?.GcThresh1),
                ("net.ipv6.neigh.default.gc_thresh2", settings.Ipv6Neighbours?.GcThresh2),
                ("net.ipv6.neigh.default.gc_thresh3", settings.Ipv6Neighbours?.GcThresh3),
                ("net.ipv4.igmp_max_memberships", settings.IgmpMaxMemberships),
            ];
            return all.Where(s => s.Value is not null).Select(s => (s.Name, s.Value!.Value.ToString(CultureInfo.InvariantCulture)));
        }

        private static int? Number(bool? on) => on is { } value ? value ? 1 : 0 : null;
    }
}
