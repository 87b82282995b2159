using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class HostStateMapping
{
    /// <param name="view">What there is.</param>
    /// <param name="problems">What is not as desired, by the id of its network or port.</param>
    /// <param name="checks">The physical networks of the desired state.</param>
    /// <param name="request">Which parts of it.</param>
    /// <param name="forwarding">The forwarding entries of all devices, or null if nobody asked for them.</param>
    /// <param name="counts">What the rules of those ports counted that asked for it, by NIC id.</param>
    public static V1.HostState ToMessage(
        DataplaneView view,
        IReadOnlyDictionary<string, IReadOnlyList<Failure>> problems,
        IReadOnlyList<PhysicalCheck> checks,
        V1.GetStateRequest request,
        IReadOnlyList<ForwardingEntry>? forwarding,
        IReadOnlyDictionary<string, PortCounts> counts)
    {
        var message = new V1.HostState { Status = StatusOf(view, problems), AsOf = Timestamp.FromDateTimeOffset(view.AsOf) };
        message.PhysicalNetworks.Add(checks.OrderBy(c => c.Label, StringComparer.Ordinal).Select(PhysicalNetworkMapping.ToMessage));
        var nics = view.Desired.Config.Ports.Values.ToLookup(p => p.Network, p => p.NicId, StringComparer.Ordinal);
        message.Networks.Add(Chosen(view.Desired.Config, request.NetworkIds).Select(id => NetworkState(view, problems, id, nics[id])));
        message.Ports.Add(new PortStates(view, problems, counts).ToMessages(request));
        if (request.IncludeLinks)
        {
            message.Links.Add(new LinkMapping(view.State, view.Desired, forwarding).ToMessages());
        }

        message.Settings.Add(Settings(view));
        message.Drifts.Add(view.Drifts.Values.SelectMany(d => d).Select(DriftMapping.ToMessage));
        message.Findings.Add(view.Findings.Values.Select(FindingMapping.ToMessage));
        return message;
    }

    /// <summary>The networks asked for that are here, sorted by id.</summary>
    private static IEnumerable<string> Chosen(HostConfig config, RepeatedField<string> ids) =>
        (ids.Count == 0 ? config.Networks.Keys : ids.Distinct(StringComparer.Ordinal).Where(config.Networks.ContainsKey)).Order(StringComparer.Ordinal);

    /// <summary>An agent that knows of something that is not as desired does not say that all is well.</summary>
    public static V1.AgentStatus StatusOf(DataplaneView view, IReadOnlyDictionary<string, IReadOnlyList<Failure>> problems)
    {
        var status = view.Status;
        var drifted = DriftedObjects(view, problems);
        return StatusMapping.ToMessage(status with
        {
            State = drifted > 0 && status.State < AgentState.Drifted ? AgentState.Drifted : status.State,
            DriftedObjects = drifted,
        });
    }

    /// <summary>
    /// What the loop left as drift, and what comparing just now found, are the same things seen twice, but not always told of the same
    /// objects: what may not be put right without a disruption is told of the network, and found at its devices. So for each owner the
    /// longer of both lists counts.
    /// </summary>
    private static int DriftedObjects(DataplaneView view, IReadOnlyDictionary<string, IReadOnlyList<Failure>> problems)
    {
        var known = view.Drifts.Values.SelectMany(d => d).Select(d => d.Subject);
        var found = problems.Values.SelectMany(p => p).Select(f => f.Subject);
        return Count(known).Concat(Count(found)).GroupBy(c => c.Owner, StringComparer.Ordinal).Sum(g => g.Max(c => c.Objects));

        static IEnumerable<(string Owner, int Objects)> Count(IEnumerable<ObjectRef> subjects) =>
            subjects.Distinct().GroupBy(s => s.Id, StringComparer.Ordinal).Select(g => (g.Key, g.Count()));
    }

    private static V1.NetworkState NetworkState(
        DataplaneView view, IReadOnlyDictionary<string, IReadOnlyList<Failure>> all, string id, IEnumerable<string> nics)
    {
        var design = view.Desired.Networks.GetValueOrDefault(id);
        var (condition, problems) = ConditionMapping.Of(view, all, id, isPort: false, isDesigned: design is not null);
        var message = new V1.NetworkState
        {
            Realisation = design is null ? new V1.NetworkRealisation { NetworkId = id } : RealisationMapping.ToMessage(design, adopted: false),
            Condition = condition,
        };
        message.Problems.Add(problems.Select(FailureMapping.ToMessage));
        message.NicIds.Add(nics.Order(StringComparer.Ordinal));
        return message;
    }

    private static IEnumerable<V1.SettingState> Settings(DataplaneView view)
    {
        var desired = SettingsPlanner.Wanted(view.Desired.Config.Settings).ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
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
}
