using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Dataplane;
using Port = Cloudbr.Agent.Core.Model.Config.Port;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Ports as they are.</summary>
/// <param name="view">What there is.</param>
/// <param name="problems">What is not as desired, by the id of its network or port.</param>
/// <param name="counts">What the rules of those ports counted that asked for it, by NIC id.</param>
internal sealed class PortStates(
    DataplaneView view, IReadOnlyDictionary<string, IReadOnlyList<Failure>> problems, IReadOnlyDictionary<string, PortCounts> counts)
{
    private readonly FilterVerdict _filter = FilterVerdict.Of(view.Desired, view.State);

    /// <summary>Those asked for that are here, sorted by NIC id.</summary>
    public static IEnumerable<Port> Chosen(DataplaneView view, V1.GetStateRequest request)
    {
        var networks = request.NetworkIds.ToHashSet(StringComparer.Ordinal);
        var nics = request.NicIds.ToHashSet(StringComparer.Ordinal);
        return view.Desired.Config.Ports.Values
            .Where(p => (networks.Count == 0 || networks.Contains(p.Network)) && (nics.Count == 0 || nics.Contains(p.NicId)))
            .OrderBy(p => p.NicId, StringComparer.Ordinal);
    }

    public IEnumerable<V1.PortState> ToMessages(V1.GetStateRequest request) => Chosen(view, request).Select(ToMessage);

    private V1.PortState ToMessage(Port port)
    {
        var design = view.Desired.Ports.GetValueOrDefault(port.NicId);
        var (condition, own) = ConditionMapping.Of(view, problems, port.NicId, isPort: true, isDesigned: design is not null);
        var message = new V1.PortState
        {
            Realisation = design is null ? new V1.PortRealisation { NicId = port.NicId } : RealisationMapping.ToMessage(design),
            Condition = condition,
        };
        message.Problems.Add(own.Select(FailureMapping.ToMessage));
        if (!port.IsTrusted && view.Desired.Config.Networks.GetValueOrDefault(port.Network) is { Security: not null })
        {
            message.Filtered = _filter.Holds(port);
        }

        if (counts.TryGetValue(port.NicId, out var counted))
        {
            message.RuleCounters.Add(counted.Rules.Select(ToMessage));
            message.RuleCountersFailure = counted.Failure is { } failure ? FailureMapping.ToMessage(failure) : null;
        }

        return message;
    }

    private static V1.RuleCounter ToMessage(RuleCount count)
    {
        var message = new V1.RuleCounter { RuleId = count.Name, Ingress = count.IsIngress, Packets = count.Packets, Bytes = count.Bytes };
        if (count.Place is { } place)
        {
            message.RuleIndex = (uint)place;
        }

        return message;
    }
}
