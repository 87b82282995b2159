using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// Compares what is desired with what the kernel has, and orders the difference: settings first; then what must go; then MTUs that
/// shrink, from the guests down; then physical networks; then what is new or grows, from the underlay up, so that no frame ever meets
/// a device that is narrower than where it came from; at last the physical networks that nothing stands on any more. Pure.
/// </summary>
public sealed class Planner
{
    private readonly Desired _before;
    private readonly Desired _after;
    private readonly HostState _state;
    private readonly PlanScope _scope;
    private readonly bool _allowDisruption;

    private readonly List<PlanStep> _loosened = [];
    private readonly List<PlanStep> _removals = [];
    private readonly List<PlanStep> _shrinkingBridges = [];
    private readonly List<PlanStep> _shrinkingDevices = [];
    private readonly List<PlanStep> _newBridges = [];
    private readonly List<PlanStep> _devices = [];
    private readonly List<PlanStep> _bridges = [];
    private readonly List<PlanStep> _entries = [];
    private readonly List<Failure> _failures = [];
    private readonly List<ChangeWarning> _warnings = [];
    private readonly HashSet<GroupKey> _routed = [];
    private readonly HashSet<int> _disrupted = [];

    private Planner(Desired before, Desired after, HostState state, PlanScope scope, bool allowDisruption)
    {
        _before = before;
        _after = after;
        _state = state;
        _scope = scope;
        _allowDisruption = allowDisruption;
    }

    /// <param name="before">The desired state so far, for what only it tells, such as the uplink that is no longer wanted.</param>
    /// <param name="after">The desired state.</param>
    /// <param name="state">What the kernel has.</param>
    /// <param name="scope">Which part to look at.</param>
    /// <param name="allowDisruption">Whether traffic of ports in use may be interrupted.</param>
    public static Plan Make(Desired before, Desired after, HostState state, PlanScope scope, bool allowDisruption) =>
        new Planner(before, after, state, scope, allowDisruption).Run();

    private Plan Run()
    {
        var physical = new PhysicalPlanner(_before, _after, _state, Disrupt, _failures, _warnings);
        var settings = new List<PlanStep>();
        if (_scope.Networks is null)
        {
            SettingsPlanner.Plan(_after.Config.Settings, _state, settings, _failures);
            physical.Run();
            Control();
            foreach (var alias in _state.OwnedAliases)
            {
                if (Ownership.Read(alias) is { Kind: Ownership.Network })
                {
                    RemoveUnclaimed(alias);
                }
            }

            foreach (var design in _after.Networks.Values)
            {
                Put(design);
            }

            ReleaseStrayGroupRoutes();
        }
        else
        {
            foreach (var id in _scope.Networks)
            {
                RemoveUnclaimed(new Ownership(Ownership.Network, id).Alias);
                if (_after.Networks.TryGetValue(id, out var design))
                {
                    Put(design);
                }
            }
        }

        return new Plan(
            [
                .. settings, .. _loosened, .. _removals, .. _shrinkingBridges, .. _shrinkingDevices, .. physical.Steps,
                .. _newBridges, .. _devices, .. _bridges, .. _entries, .. physical.Removals,
            ],
            _failures,
            _warnings);
    }

    private void Put(NetworkDesign design)
    {
        if (_after.Config.IsSwitchedOff(design.Provider))
        {
            return;
        }

        if (design.GuestMtu < design.WantedMtu)
        {
            _warnings.Add(new ChangeWarning(
                "GUEST_MTU_LOWERED",
                ObjectRef.Network(design.Network.Id),
                $"guest MTU {design.WantedMtu} does not fit into the underlay's {design.UnderlayMtu}; it is {design.GuestMtu} on {design.Bridge.Name}"));
        }

        var wasRecreated = false;
        foreach (var spec in design.Links)
        {
            wasRecreated = Put(spec, design.Network.Id);
        }

        if (design.Group is { } group)
        {
            PutGroupRoute(group, design.GroupDevice, design.Network.Id);
        }

        PutForwarding(design, isNew: wasRecreated);
    }

    /// <summary>Returns whether the device will be a new one, with empty tables.</summary>
    private bool Put(LinkSpec spec, string id)
    {
        var subject = ObjectRef.Link(spec.Name, id);
        if (_state.Find(spec.Name) is not { } link)
        {
            IsAltNameTaken(spec, null, subject);
            (spec.Kind == LinkKind.Bridge ? _newBridges : _devices).Add(new CreateLink(subject, spec));
            return true;
        }

        var owner = Ownership.Read(link.Alias);
        var isSame = LinkDifference.IsSame(link, spec, _state);
        var adopting = link.Alias != spec.Alias;
        var differs = isSame ? LinkDifference.Between(link, spec, _state, adopting) : null;
        if (owner is null && (!isSame || differs is { Rebuild.Count: > 0 }))
        {
            _failures.Add(Taken(spec, link, differs?.Rebuild ?? [], id));
            return false;
        }

        if (!isSame)
        {
            Recreate(link, spec, subject, []);
            return true;
        }

        if (differs is not { } difference)
        {
            PutAltName(link, spec, subject);
            return false;
        }

        if (owner is not null && adopting)
        {
            // Guests of one network would find themselves in another.
            Disrupt(link, subject, difference.Attributes);
        }

        if (difference.Rebuild.Count > 0)
        {
            Recreate(link, spec, subject, difference.Rebuild);
            return true;
        }

        if (adopting)
        {
            _warnings.Add(new ChangeWarning("DEVICE_ADOPTED", subject, $"{link.Name} was here already and is the agent's from now on"));
        }

        Change(link, subject, adopting ? StepAction.Adopt : StepAction.Update, difference);
        PutAltName(link, spec, subject);
        return false;
    }

    private void Change(Link link, ObjectRef subject, StepAction action, LinkDifference difference)
    {
        var (change, before) = (difference.Change, difference.Before);
        if (change.Mtu is { } mtu && mtu < link.Mtu && FitsNow(link, mtu))
        {
            // Having been changed it is pinned, too.
            ShrinkMtu(link, subject, mtu);
            (change, before) = (change with { Mtu = null, PinMtu = false }, before with { Mtu = null });
        }

        if (!change.IsEmpty)
        {
            (link.Kind == LinkKind.Bridge ? _bridges : _devices).Add(Step(link, subject, action, change, before));
        }
    }

    /// <summary>A tunnel that was too wide for its underlay already can be written only when that has grown.</summary>
    private bool FitsNow(Link link, int mtu) =>
        link.Vxlan is not { } vxlan || _state.Find(link.Parent) is not { } parent || mtu + LinuxBridgeProvider.Overhead(vxlan) <= parent.Mtu;

    /// <summary>What a tunnel has room for where it stands now, when its underlay is as it is to be.</summary>
    private int RoomAfter(Link link)
    {
        var parent = _state.NameOf(link.Parent);
        var underlay = link.Vxlan is null || parent.Length == 0 ? null : _after.Underlays.Values.FirstOrDefault(u => u.Bridge == parent || u.Uplink == parent);
        return underlay is null ? int.MaxValue
            : (underlay.Bridge == parent ? underlay.BridgeMtu : underlay.UplinkMtu) - LinuxBridgeProvider.Overhead(link.Vxlan!);
    }

    private void ShrinkMtu(Link link, ObjectRef subject, int mtu)
    {
        var steps = link.Kind == LinkKind.Bridge ? _shrinkingBridges : _shrinkingDevices;
        steps.AddRange(Lower(link, mtu, _state, [], _warnings));
        steps.Add(Step(link, subject, StepAction.Update, new LinkChange { Mtu = mtu }, new LinkChange { Mtu = link.Mtu }));
    }

    /// <summary>
    /// The kernel lowers somebody else's VLAN devices with what they stand on, and does not raise them again. Done step by step
    /// it is said, and has a way back.
    /// </summary>
    internal static IEnumerable<PlanStep> Lower(
        Link parent, int mtu, HostState state, IReadOnlyCollection<string> except, List<ChangeWarning> warnings)
    {
        foreach (var link in state.Children(parent.Index).Where(l =>
            l.Mtu > mtu && l.Vlan is not null && Ownership.Read(l.Alias) is null && !except.Contains(l.Name)).OrderBy(l => l.Index))
        {
            foreach (var above in Lower(link, mtu, state, except, warnings))
            {
                yield return above;
            }

            var subject = ObjectRef.Link(link.Name);
            warnings.Add(new ChangeWarning("MTU_LOWERED", subject, $"{link.Name} is on {parent.Name} and cannot stay wider than it: its MTU becomes {mtu}"));
            yield return Step(link, subject, StepAction.Update, new LinkChange { Mtu = mtu }, new LinkChange { Mtu = link.Mtu });
        }
    }

    internal static ChangeLink Step(Link link, ObjectRef subject, StepAction action, LinkChange change, LinkChange before) =>
        new(subject, action, link.Name, link.Kind, change, before) { Attributes = LinkDifference.Words(before, change) };

    private void PutAltName(Link link, LinkSpec spec, ObjectRef subject)
    {
        if (spec.AltName is { } altName && link.Name != altName && !link.AltNames.Contains(altName) && !IsAltNameTaken(spec, link, subject))
        {
            (link.Kind == LinkKind.Bridge ? _bridges : _devices).Add(new AddAltName(subject, link.Name, altName)
            {
                Attributes = [new AttributeChange("altname", null, altName)],
            });
        }
    }

    private bool IsAltNameTaken(LinkSpec spec, Link? link, ObjectRef subject)
    {
        if (spec.AltName is not { } altName || _state.Find(altName) is not { } bearer || bearer.Index == link?.Index)
        {
            return false;
        }

        _failures.Add(new Failure
        {
            Operation = "plan",
            Subject = subject,
            Reason = "DEVICE_EXISTS",
            Message = $"{altName}, the long name of {spec.Name}, is taken: {bearer.Name} bears it",
            Remedy = $"take {altName} off {bearer.Name}",
        });
        return true;
    }

    private void Recreate(Link link, LinkSpec spec, ObjectRef subject, ValueList<AttributeChange> why)
    {
        var disruptive = Disrupt(link, subject, why);
        var mtu = Math.Min(Math.Min(spec.Mtu, link.Mtu), RoomAfter(link));
        if (mtu < link.Mtu && FitsNow(link, mtu))
        {
            // Before the underlay shrinks below it; and the way back has room for it only when that has grown again.
            ShrinkMtu(link, subject, mtu);
            link = link with { Mtu = mtu };
        }

        _devices.Add(Delete(link, subject) with { Disruptive = disruptive, Attributes = why });
        _devices.Add(new CreateLink(subject, spec) { Action = StepAction.Recreate, Disruptive = disruptive, Attributes = why });
    }

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
            .Where(e => !Equals(e.Peer, link.Vxlan?.Remote))
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

    private static string Words(ValueList<AttributeChange> why) =>
        string.Join(", ", why.Select(w => $"{w.Name} is {Quote(w.Before)} and should be {Quote(w.After)}"));

    private static string Quote(string? value) => string.IsNullOrEmpty(value) ? "unset" : value;

    private Failure Taken(LinkSpec spec, Link link, ValueList<AttributeChange> why, string id)
    {
        var found = link.Kind.Length == 0 ? "a physical device" : $"a {link.Kind} device";
        var detail = link switch
        {
            { Vlan: { } vlan } => $" with VLAN {vlan.Vid} on {_state.NameOf(link.Parent)}",
            { Vxlan: { } vxlan } => $" with VNI {vxlan.Vni}",
            _ => "",
        };
        var others = why.Count == 0 ? "" : $"; its {Words(why)}";
        return new Failure
        {
            Operation = "plan",
            Subject = ObjectRef.Link(spec.Name, id),
            Reason = "DEVICE_EXISTS",
            Message = $"{spec.Name} is here already and is not what the network needs: it is {found}{detail} of somebody else's{others}",
            Remedy = $"remove or rename {spec.Name}; the agent leaves alone what is not its own",
        };
    }

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

    /// <summary>Whether a managed label's bridge is meant: it is switched on before routes are made.</summary>
    private bool IsSwitchedOn(string device) => _scope.Networks is null && _after.Underlays.Values
        .Any(u => u.Bridge == device && _after.Config.PhysicalNetworks.GetValueOrDefault(u.Label)?.Mode == PhysicalNetworkMode.Manage);

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
            && _routed.Add(new GroupKey(group, device)))
        {
            _loosened.Add(new RemoveRoute(
                new ObjectRef(ObjectKind.Route, Ownership.Read(link.Alias)?.Id ?? "", route.Destination.ToString(), device), device, route));
        }
    }

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

    /// <summary>The control network is a bridge with an address and no uplink.</summary>
    private void Control()
    {
        var wanted = _after.Config.ControlNetwork;
        foreach (var alias in _state.OwnedAliases)
        {
            if (Ownership.Read(alias) is { Kind: Ownership.Control } && (wanted is null || alias != new Ownership(Ownership.Control, wanted.Bridge).Alias))
            {
                foreach (var link in _state.OwnedBy(alias))
                {
                    Remove(link);
                }
            }
        }

        if (wanted is null)
        {
            return;
        }

        var isNew = Put(ControlDesign.Spec(wanted, _after.Hostname), wanted.Bridge);
        var bridge = isNew ? null : _state.Find(wanted.Bridge);
        IReadOnlyList<InterfaceAddress> addresses = bridge is null ? [] : _state.Addresses(bridge.Index);

        // Old ones go first and the last of them first: with the first of a subnet the kernel takes its others away, also a new one.
        var isInTheWay = addresses.Any(a => IsStale(a, wanted));
        for (var i = addresses.Count - 1; i >= 0; i--)
        {
            if (IsStale(addresses[i], wanted))
            {
                _entries.Add(new RemoveAddress(AddressSubject(wanted, addresses[i].Prefix), wanted.Bridge, addresses[i]));
            }
        }

        if (isInTheWay || !addresses.Any(a => a.Prefix == wanted.Address))
        {
            var known = addresses.FirstOrDefault(a => a.Prefix == wanted.Address);
            if (known is not null)
            {
                _entries.Add(new RemoveAddress(AddressSubject(wanted, wanted.Address), wanted.Bridge, known));
            }

            _entries.Add(new AddAddress(AddressSubject(wanted, wanted.Address), wanted.Bridge, new InterfaceAddress(wanted.Address)));
        }
    }

    /// <summary>
    /// The address that was wanted before, and those in the same subnet; any other was set by somebody for a reason of his own.
    /// </summary>
    private bool IsStale(InterfaceAddress address, ControlNetwork wanted) =>
        address.Prefix != wanted.Address
        && ((_before.Config.ControlNetwork is { } then && then.Bridge == wanted.Bridge && then.Address == address.Prefix)
            || address.Prefix.Contains(wanted.Address.Address)
            || wanted.Address.Contains(address.Prefix.Address));

    private static ObjectRef AddressSubject(ControlNetwork control, IpPrefix prefix) =>
        new(ObjectKind.Address, control.Bridge, prefix.ToString(), control.Bridge);
}
