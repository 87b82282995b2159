using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <content>Devices that go, and whom that hurts.</content>
public sealed partial class Planner
{
    /// <summary>Removes the devices with this mark that no network needs.</summary>
    private void RemoveUnclaimed(string alias)
    {
        List<Link>? bridges = null;
        foreach (var link in _state.OwnedBy(alias))
        {
            if (_after.Claims.ContainsKey(link.Name))
            {
                continue;
            }

            if (link.Kind == LinkKind.Bridge)
            {
                (bridges ??= []).Add(link);
            }
            else
            {
                Remove(link);
            }
        }

        bridges?.ForEach(Remove);
    }

    private void Remove(Link link)
    {
        var subject = ObjectRef.Link(link.Name, Ownership.Read(link.Alias)!.Id);
        var disruptive = Disrupt(link, subject, []);
        if (link.Kind == LinkKind.Bridge)
        {
            Detach(link, _loosened);
        }

        _removals.Add(Delete(link, subject) with { Disruptive = disruptive });
    }

    /// <summary>Takes what is not the agent's off a bridge that goes, so that the way back puts it there again.</summary>
    private void Detach(Link bridge, List<PlanStep> steps)
    {
        foreach (var port in Ports(bridge))
        {
            steps.Add(Step(
                port,
                ObjectRef.Link(port.Name),
                StepAction.Update,
                new LinkChange { Master = "" },
                new LinkChange { Master = bridge.Name, Port = port.Port }) with
            { Disruptive = true });
        }
    }

    private DeleteLink Delete(Link link, ObjectRef subject)
    {
        ReleaseGroupRoute(link);
        RefuseToOrphan(link, subject, _state, _failures);
        var lost = _state.Forwarding(link.Index)
            .Where(e => !e.External && !Equals(e.Peer, link.Vxlan?.Remote))
            .OrderBy(e => e.Mac.ToString(), StringComparer.Ordinal).ThenBy(e => e.Peer!.ToString(), StringComparer.Ordinal)
            .Select(PlanStep (e) => new AddForwarding(EntrySubject(link.Name, e.Mac, e.Peer!, subject.Id), link.Name, e.Mac, e.Peer!))
            .Concat(LinkSpecs.Lost(link, _state, subject.Id))
            .ToValueList();
        return new DeleteLink(subject, LinkSpecs.Of(link, _state), lost);
    }

    /// <summary>The kernel would take somebody else's VLAN and VXLAN devices away with what they stand on.</summary>
    internal static void RefuseToOrphan(Link link, ObjectRef subject, HostState state, ICollection<Failure> failures)
    {
        var others = state.Children(link.Index).Where(l => Ownership.Read(l.Alias) is null).Select(l => l.Name).Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
        {
            failures.Add(new Failure
            {
                Operation = "plan",
                Subject = subject,
                Reason = "DEVICE_IN_USE",
                Message = $"{link.Name} would go, and {string.Join(", ", others)} of somebody else's would go with it",
                Remedy = $"remove {string.Join(", ", others)} first",
            });
        }
    }

    /// <summary>
    /// The devices that are plugged into a bridge, or into the bridge that a device belongs to, besides the network's own.
    /// </summary>
    private IEnumerable<Link> Ports(Link link)
    {
        var bridge = link.Kind == LinkKind.Bridge ? link.Index : link.Master;
        return bridge == 0
            ? []
            : _state.Members(bridge).Where(m => m.Index != link.Index && Ownership.Read(m.Alias) is null).OrderBy(m => m.Index);
    }

    /// <summary>Notes that traffic of a device's ports would be interrupted, and whether it is that of any.</summary>
    private bool Disrupt(Link link, ObjectRef subject, ValueList<AttributeChange> why, Link? except = null)
    {
        var ports = Ports(link).Where(p => p.Index != except?.Index).Select(p => p.Name).ToList();
        if (ports.Count == 0)
        {
            return false;
        }

        if (!_allowDisruption && _disrupted.Add(link.Kind == LinkKind.Bridge ? link.Index : link.Master))
        {
            var what = why.Count == 0
                ? $"{link.Name} would go"
                : $"{link.Name} would have to be made anew, for its {Words(why)}";
            _failures.Add(new Failure
            {
                Operation = "plan",
                Subject = subject,
                Reason = "DISRUPTION_NOT_ALLOWED",
                Message = $"{what}, and that interrupts the ports {string.Join(", ", ports)}",
                Remedy = "move or stop these guests first, or set allow_disruption",
            });
        }

        return true;
    }
}
