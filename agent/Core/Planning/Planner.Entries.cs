using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <content>Forwarding entries of static VXLANs, and the routes of multicast groups.</content>
public sealed partial class Planner
{
    private void PutForwarding(NetworkDesign design, bool isNew)
    {
        var device = design.Device.Name;
        if (design.Forwarding is not { } wanted)
        {
            // A routing daemon fills the table from now on: only what this agent had put there goes.
            if (!isNew
                && _before.Claims.TryGetValue(device, out var holder)
                && _before.Networks.GetValueOrDefault(holder) is { Forwarding: { } old } then
                && then.Device == design.Device)
            {
                foreach (var flood in old)
                {
                    if (_state.Find(device) is { } known && _state.Forwarding(known.Index).Contains(Entry(known, flood)))
                    {
                        RemoveEntry(device, flood.Mac, flood.Peer, design.Network.Id);
                    }
                }
            }

            return;
        }

        var link = isNew ? null : _state.Find(device);
        var actual = link is null ? null : _state.Forwarding(link.Index);
        var missing = actual is null ? [.. wanted] : wanted.Where(f => !actual.Contains(Entry(link!, f))).ToList();
        if (actual is not null && wanted.Count - missing.Count < actual.Count)
        {
            // A single MAC can be in one place only: it leaves the old one before it comes to the new one.
            var kept = wanted.Select(f => Entry(link!, f)).ToHashSet();
            foreach (var entry in actual.Where(e => !kept.Contains(e)))
            {
                RemoveEntry(device, entry.Mac, entry.Peer!, design.Network.Id);
            }
        }

        foreach (var flood in missing)
        {
            _entries.Add(new AddForwarding(EntrySubject(device, flood.Mac, flood.Peer, design.Network.Id), device, flood.Mac, flood.Peer));
        }
    }

    private void RemoveEntry(string device, MacAddress mac, System.Net.IPAddress peer, string id) =>
        _entries.Add(new RemoveForwarding(EntrySubject(device, mac, peer, id), device, mac, peer));

    private static ForwardingEntry Entry(Link link, Flood flood) => new(link.Index, flood.Mac, flood.Peer) { Permanent = true };

    private static ObjectRef EntrySubject(string device, MacAddress mac, System.Net.IPAddress peer, string id) =>
        new(ObjectKind.ForwardingEntry, id, $"{mac} {peer}", device);

    private void PutGroupRoute(System.Net.IPAddress group, string device, string id)
    {
        var route = GroupRoutes.Make(group, _state.Find(device)?.Index ?? 0);
        if (_state.FindRoute(RouteKey.Of(route)) is null && _routed.Add(new GroupKey(group, device)))
        {
            if (_state.Find(device) is { Up: false } && !IsSwitchedOn(device))
            {
                _failures.Add(new Failure
                {
                    Operation = "plan",
                    Subject = ObjectRef.Network(id),
                    Reason = "UPLINK_DOWN",
                    Message = $"the route of the group {group} leads through {device}, which is switched off",
                    Remedy = $"switch {device} on",
                    Retryable = true,
                });
            }

            _entries.Add(new AddRoute(new ObjectRef(ObjectKind.Route, id, route.Destination.ToString(), device), device, route));
        }
    }

    /// <summary>Whether a managed label's bridge is meant: it is made and switched on before routes and networks are.</summary>
    private bool IsSwitchedOn(string device) => _scope.Networks is null && _after.Underlays.Values
        .Any(u => u.Device == device && _after.Config.PhysicalNetworks.GetValueOrDefault(u.Label)?.Mode == PhysicalNetworkMode.Manage);

    /// <summary>Removes the route of a group that the last device in it leaves, if it is the agent's.</summary>
    private void ReleaseGroupRoute(Link link)
    {
        if (link.Vxlan?.Remote is not { } group || link.Parent == 0)
        {
            return;
        }

        var device = _state.NameOf(link.Parent);
        if (_state.FindRoute(RouteKey.Of(GroupRoutes.Make(group, link.Parent))) is { Protocol: RouteProtocol.Agent } route
            && !_after.Groups.ContainsKey(new GroupKey(group, device))
            && !IsUsedElsewhere(group, link)
            && _routed.Add(new GroupKey(group, device)))
        {
            _loosened.Add(new RemoveRoute(
                new ObjectRef(ObjectKind.Route, Ownership.Read(link.Alias)?.Id ?? "", route.Destination.ToString(), device), device, route));
        }
    }

    /// <summary>
    /// Whether a network that this plan does not look at is in the group: one that the agent has not been told of again since it was
    /// started is not among the desired ones.
    /// </summary>
    private bool IsUsedElsewhere(System.Net.IPAddress group, Link link) => _scope.Networks is { } networks && _state.Children(link.Parent).Any(l =>
        l.Index != link.Index
        && group.Equals(l.Vxlan?.Remote)
        && Ownership.Read(l.Alias) is { Kind: Ownership.Network } owner
        && !networks.Contains(owner.Id));

    /// <summary>Routes with the agent's mark that nothing needs: those of an earlier run, whose devices went without them.</summary>
    private void ReleaseStrayGroupRoutes()
    {
        foreach (var route in _state.Routes.Where(r => r.Protocol == RouteProtocol.Agent))
        {
            var device = _state.NameOf(route.Link);
            var key = new GroupKey(route.Destination.Address, device);
            var isNeeded = _after.Groups.ContainsKey(key) && RouteKey.Of(GroupRoutes.Make(key.Group, route.Link)) == RouteKey.Of(route);
            if (device.Length > 0 && !isNeeded && _routed.Add(key))
            {
                _removals.Add(new RemoveRoute(new ObjectRef(ObjectKind.Route, "", route.Destination.ToString(), device), device, route));
            }
        }
    }
}
