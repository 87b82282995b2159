using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>Says whether interrupting what hangs on a device hurts anybody, and refuses it where that is not allowed.</summary>
internal delegate bool DisruptionGuard(Link link, ObjectRef subject, ValueList<AttributeChange> why, Link? except);

/// <summary>
/// Puts uplinks under their bridges and takes them out again. The uplink's addresses and routes go with it: first they are on
/// both, then routes turn to the other device one by one, each at once, then the old addresses go; so what is connected stays so.
/// </summary>
internal sealed class PhysicalPlanner(
    Desired before, Desired after, HostState state, DisruptionGuard disrupt, List<Failure> failures, List<ChangeWarning> warnings)
{
    public List<PlanStep> Steps { get; } = [];

    public List<PlanStep> Removals { get; } = [];

    public void Run()
    {
        var managed = new List<(PhysicalNetwork Network, Underlay Underlay, Link Uplink)>();
        foreach (var network in after.Config.PhysicalNetworks.Values.OrderBy(p => p.Label, StringComparer.Ordinal))
        {
            if (network.Mode != PhysicalNetworkMode.Manage || !after.Underlays.TryGetValue(network.Label, out var underlay))
            {
                continue;
            }

            if (state.Find(underlay.Uplink) is { } uplink)
            {
                managed.Add((network, underlay, uplink));
            }
            else
            {
                failures.Add(UnderlayResolver.UplinkMissing(network, underlay.Uplink));
            }
        }

        // What is wider than before is so from below, what is narrower from above: an uplink may be a VLAN device on another label's.
        var planned = managed.Select(m => m.Uplink.Name).Concat(after.Claims.Keys).ToHashSet();
        foreach (var (network, underlay, uplink) in managed.OrderBy(m => Depth(m.Uplink)))
        {
            Widen(network, underlay, uplink);
        }

        foreach (var (network, underlay, uplink) in managed.OrderByDescending(m => Depth(m.Uplink)))
        {
            if (underlay.Bridge.Length > 0)
            {
                Put(network, underlay, uplink, planned);
            }
            else if (!uplink.Up)
            {
                Change(uplink, ObjectRef.Link(uplink.Name, network.Label), new LinkChange { Up = true });
            }

            if (underlay.UplinkMtu < uplink.Mtu)
            {
                Steps.AddRange(Planner.Lower(uplink, underlay.UplinkMtu, state, planned, warnings));
                var lost = underlay.Bridge.Length > 0 ? [] : OnItsBridge(uplink, underlay.UplinkMtu);
                Change(uplink, ObjectRef.Link(uplink.Name, network.Label), new LinkChange { Mtu = underlay.UplinkMtu }, lost);
            }
        }

        if (after.Undeclared.Contains(ConfigSection.PhysicalNetworks))
        {
            return;
        }

        foreach (var alias in state.OwnedAliases.Order(StringComparer.Ordinal))
        {
            if (Ownership.Read(alias) is { Kind: Ownership.Physical or Ownership.AdoptedPhysical } owner)
            {
                foreach (var bridge in state.OwnedBy(alias))
                {
                    LetGo(bridge, owner);
                }
            }
        }
    }

    private void Widen(PhysicalNetwork network, Underlay underlay, Link uplink)
    {
        if (underlay.UplinkMtu > uplink.Mtu)
        {
            Change(uplink, ObjectRef.Link(uplink.Name, network.Label), new LinkChange { Mtu = underlay.UplinkMtu });
        }

        if (state.Find(underlay.Bridge) is { } bridge)
        {
            ReleaseFormer(network.Label, uplink, bridge);
            if (underlay.BridgeMtu > bridge.Mtu)
            {
                // One that follows its members has followed the uplink by now: written the same value it would not hold it.
                var isFree = Ownership.Read(bridge.Alias) is null;
                Change(bridge, ObjectRef.Link(bridge.Name, network.Label), new LinkChange { Mtu = underlay.BridgeMtu, PinMtu = isFree });
            }
        }
    }

    private void Put(PhysicalNetwork network, Underlay underlay, Link uplink, HashSet<string> planned)
    {
        var bridge = state.Find(underlay.Bridge);
        if (bridge is not null && Ownership.Read(bridge.Alias) is { Kind: Ownership.Network or Ownership.Control } owner)
        {
            failures.Add(new Failure
            {
                Operation = "plan",
                Subject = ObjectRef.PhysicalNetwork(network.Label),
                Reason = "DEVICE_EXISTS",
                Message = $"{bridge.Name} is the bridge of the {owner.Kind} {owner.Id} and cannot be a physical network's",
                Remedy = "use another label",
            });
            return;
        }

        if (bridge is not null && uplink.Master != bridge.Index && OtherUplink(network.Label, uplink, bridge) is { } other)
        {
            failures.Add(new Failure
            {
                Operation = "plan",
                Subject = ObjectRef.PhysicalNetwork(network.Label),
                Reason = "OTHER_UPLINK_IN_BRIDGE",
                Message = $"{bridge.Name} has the uplink {other.Name} already: with {uplink.Name} beside it frames would go round in circles",
                Remedy = $"take {other.Name} out of {bridge.Name}, or put both into a bond, or name {other.Name} as the uplink",
            });
            return;
        }

        PutBridge(network, underlay, bridge, uplink, planned);
        Change(uplink, ObjectRef.Link(uplink.Name, network.Label), new LinkChange
        {
            Up = uplink.Up ? null : true,
            Master = bridge is not null && uplink.Master == bridge.Index ? null : underlay.Bridge,
        });
        Move(uplink, underlay.Bridge, network.Label, Steps);
    }

    private void PutBridge(PhysicalNetwork network, Underlay underlay, Link? bridge, Link uplink, HashSet<string> planned)
    {
        var isOurs = bridge is null || Ownership.Read(bridge.Alias)?.Kind == Ownership.Physical;
        var subject = ObjectRef.Link(underlay.Bridge, network.Label);
        var spec = new LinkSpec
        {
            Name = underlay.Bridge,
            Kind = LinkKind.Bridge,
            Alias = new Ownership(isOurs ? Ownership.Physical : Ownership.AdoptedPhysical, network.Label).Alias,
            Mtu = underlay.BridgeMtu,

            // Peers know a bridge that has addresses by its MAC: one that is here keeps it.
            Mac = network.Bridge?.Mac ?? bridge?.Mac ?? uplink.Mac,
            Bridge = (isOurs ? BridgeDefaults.Settings(network.Bridge) : WithItsStp(network.Bridge, bridge!)) with
            {
                // Whose else it may be to have its frames filtered.
                MeetsFilter = bridge?.Bridge is { MeetsFilter: true } || IsFiltered(network.Label),
            },
        };
        if (bridge is null)
        {
            Steps.Add(new CreateLink(subject, spec));
            return;
        }

        var adopting = bridge.Alias != spec.Alias;
        if (LinkDifference.Between(bridge, spec, state, adopting) is { } difference)
        {
            if (adopting)
            {
                warnings.Add(new ChangeWarning("DEVICE_ADOPTED", subject, $"{bridge.Name} was here already and is the agent's from now on"));
            }

            var (change, was) = (difference.Change, difference.Before);
            if (change.Mtu is { } mtu)
            {
                Steps.AddRange(Planner.Lower(bridge, mtu, state, planned, warnings));
                if (mtu > bridge.Mtu)
                {
                    // It has been widened, and so pinned, already.
                    (change, was) = (change with { Mtu = null, PinMtu = false }, was with { Mtu = null });
                }
            }

            if (!change.IsEmpty)
            {
                Steps.Add(Planner.Step(bridge, subject, adopting ? StepAction.Adopt : StepAction.Update, change, was));
            }
        }
    }

    /// <summary>Whether an untagged network with security groups is on this label's own bridge.</summary>
    private bool IsFiltered(string label) =>
        after.Config.Networks.Values.Any(n => SettingsPlanner.IsOnForeignBridge(n) && n.PhysicalNetwork == label);

    /// <summary>Somebody's spanning tree goes on in a bridge that was here before, with the delay it needs, unless something else was asked for.</summary>
    private static BridgeSettings WithItsStp(BridgeOptions? options, Link bridge)
    {
        var settings = BridgeDefaults.Settings(options);
        return options?.Stp is null && bridge.Bridge is { Stp: true } now
            ? settings with { Stp = true, ForwardDelayMs = options?.ForwardDelayMs ?? now.ForwardDelayMs }
            : settings;
    }

    /// <summary>What leads out of a bridge already, besides the uplink that is wanted and the one that was and goes now.</summary>
    private Link? OtherUplink(string label, Link uplink, Link bridge) => state.Members(bridge.Index)
        .Where(m => m.Index != uplink.Index && m.Index != Former(label, uplink, bridge)?.Index && UnderlayResolver.LeadsOut(m))
        .MinBy(m => m.Index);

    private Link? Former(string label, Link uplink, Link bridge) =>
        before.Underlays.TryGetValue(label, out var then)
        && then.Bridge == bridge.Name
        && state.Find(then.Uplink) is { } former
        && former.Index != uplink.Index
        && former.Master == bridge.Index ? former : null;

    /// <summary>
    /// The uplink that was named before goes first: with two of them in a bridge without spanning tree frames would go round in
    /// circles.
    /// </summary>
    private void ReleaseFormer(string label, Link uplink, Link bridge)
    {
        if (Former(label, uplink, bridge) is { } former)
        {
            if (Ownership.Read(bridge.Alias) is null)
            {
                // Without a member a bridge that follows its members falls back to 1500, and takes what stands on it down for good.
                Change(bridge, ObjectRef.Link(bridge.Name, label), new LinkChange { Mtu = bridge.Mtu, PinMtu = true });
            }

            var subject = ObjectRef.Link(former.Name, label);
            var disruptive = disrupt(bridge, subject, [new AttributeChange("uplink", former.Name, uplink.Name)], except: former);
            Steps.Add(Planner.Step(
                former, subject, StepAction.Update, new LinkChange { Master = "" }, new LinkChange { Master = bridge.Name, Port = former.Port }) with
            {
                Disruptive = disruptive,
            });
        }
    }

    /// <summary>Lets go of a bridge that is not to be managed any more; one that the agent made goes.</summary>
    private void LetGo(Link bridge, Ownership owner)
    {
        var isKnown = after.Config.PhysicalNetworks.TryGetValue(owner.Id, out var network);
        if (isKnown && network!.Mode == PhysicalNetworkMode.Manage
            && (!after.Underlays.TryGetValue(owner.Id, out var underlay) || underlay.Bridge == bridge.Name))
        {
            // Wanted, also if nobody knows right now what is under it.
            return;
        }

        var subject = ObjectRef.Link(bridge.Name, owner.Id);
        if (isKnown || owner.Kind == Ownership.AdoptedPhysical)
        {
            Removals.Add(Planner.Step(bridge, subject, StepAction.Disown, new LinkChange { Alias = "" }, new LinkChange { Alias = bridge.Alias }));
            return;
        }

        var uplink = before.Underlays.TryGetValue(owner.Id, out var then) ? state.Find(then.Uplink) : UnderlayResolver.OnlyWayOut(bridge, state);
        var disruptive = disrupt(bridge, subject, [], except: uplink);
        if (uplink is not null && uplink.Master == bridge.Index)
        {
            Move(bridge, uplink.Name, owner.Id, Removals);
        }
        else if (state.Addresses(bridge.Index).Any(UnderlayResolver.IsGlobal))
        {
            failures.Add(new Failure
            {
                Operation = "plan",
                Subject = subject,
                Reason = "NO_UPLINK",
                Message = $"{bridge.Name} has addresses, and no uplink that could take them when it goes",
                Remedy = $"put the uplink back into {bridge.Name}, or remove the addresses",
            });
        }

        foreach (var member in state.Members(bridge.Index).OrderBy(m => m.Index))
        {
            Removals.Add(Planner.Step(
                member,
                ObjectRef.Link(member.Name),
                StepAction.Update,
                new LinkChange { Master = "" },
                new LinkChange { Master = bridge.Name, Port = member.Port }) with
            {
                Disruptive = disruptive && member.Index != uplink?.Index,
            });
        }

        Planner.RefuseToOrphan(bridge, subject, state, failures);
        var lost = uplink is not null && uplink.Master == bridge.Index ? [] : LinkSpecs.Lost(bridge, state, owner.Id).ToValueList();
        Removals.Add(new DeleteLink(subject, LinkSpecs.Of(bridge, state), lost) { Disruptive = disruptive });
    }

    /// <summary>Moves what makes a device reachable: addresses and the routes that somebody made. The kernel makes the others itself.</summary>
    private void Move(Link from, string to, string id, List<PlanStep> steps)
    {
        var target = state.Find(to);
        var there = target is null ? [] : state.Addresses(target.Index).Select(a => a.Prefix).ToHashSet();
        var addresses = state.Addresses(from.Index).Where(a => !a.Prefix.Address.IsIPv6LinkLocal).ToList();
        foreach (var address in addresses.Where(a => !there.Contains(a.Prefix)))
        {
            // An earlier run that was killed half-way may have put it there.
            steps.Add(new AddAddress(AddressSubject(address, to, id), to, address with { Label = Relabel(address.Label, from.Name, to) }));
        }

        // The routes of multicast groups stay with the networks' devices.
        var routes = Routes.Made(from, state).Where(r => r.Protocol != RouteProtocol.Agent).ToList();
        var left = new List<PlanStep>();
        foreach (var route in routes)
        {
            var subject = new ObjectRef(ObjectKind.Route, id, route.Destination.ToString(), from.Name);
            if (route.IsCompound)
            {
                failures.Add(new Failure
                {
                    Operation = "plan",
                    Subject = subject,
                    Reason = "ROUTE_NOT_MOVABLE",
                    Message = $"the route to {route.Destination} in table {route.Table} has several next hops or one that is an object of its own, "
                        + $"and {from.Name} is among them: the agent cannot move it to {to} as it is",
                    Remedy = $"lead it through {to} by hand, or remove it first",
                });
                continue;
            }

            var isThere = target is not null && state.FindRoute(RouteKey.Of(route with { Link = target.Index })) is not null;
            if (!isThere && !LeadsToGateway(route, routes) && !IsOneOfSeveral(route))
            {
                steps.Add(new MoveRoute(subject, from.Name, to, route) { Attributes = [new AttributeChange("dev", from.Name, to)] });
                continue;
            }

            // Another's gateway is behind it: it has to be on both while that one turns, there and back again. Or the kernel, asked to
            // turn it, would turn the first one to this destination, and that may be through somebody else's device.
            if (!isThere)
            {
                steps.Add(new AddRoute(new ObjectRef(ObjectKind.Route, id, route.Destination.ToString(), to), to, route));
            }

            left.Add(new RemoveRoute(subject, from.Name, route));
        }

        steps.AddRange(left);

        for (var i = addresses.Count - 1; i >= 0; i--)
        {
            // The last first: with the first of a subnet the kernel would take its others away too.
            steps.Add(new RemoveAddress(AddressSubject(addresses[i], from.Name, id), from.Name, addresses[i]));
        }
    }

    /// <summary>A label is the device's name, with a colon and somebody's word behind it if he gave one: the word goes along where it fits.</summary>
    private static string Relabel(string label, string from, string to) =>
        label.StartsWith($"{from}:", StringComparison.Ordinal) && to.Length + label.Length - from.Length <= KernelNames.MostBytes
            ? to + label[from.Length..]
            : "";

    private static bool LeadsToGateway(Route route, List<Route> others) =>
        route.Gateway is null && others.Exists(r => r.Gateway is { } gateway && route.Destination.Contains(gateway));

    private bool IsOneOfSeveral(Route route) =>
        state.Routes.Any(r => r.Link != route.Link && RouteKey.Of(r with { Link = route.Link }) == RouteKey.Of(route));

    private int Depth(Link link) => state.Find(link.Parent) is { } parent ? 1 + Depth(parent) : 0;

    /// <summary>
    /// Somebody's bridge may follow its narrowest member, nobody can tell, and takes the VLAN devices on it along: what gives them back the
    /// MTU that they have now.
    /// </summary>
    private ValueList<PlanStep> OnItsBridge(Link member, int mtu) => (member.Master == 0 ? [] : state.Children(member.Master))
        .Where(l => l.Mtu > mtu && l.Vlan is not null)
        .Select(l => (PlanStep)Planner.Step(l, ObjectRef.Link(l.Name), StepAction.Update, new LinkChange { Mtu = l.Mtu }, new LinkChange { Mtu = mtu }))
        .ToValueList();

    private void Change(Link link, ObjectRef subject, LinkChange change, ValueList<PlanStep> lost = default)
    {
        if (!change.IsEmpty)
        {
            var before = new LinkChange
            {
                Mtu = change.Mtu is null ? null : link.Mtu,
                Up = change.Up is null ? null : link.Up,
                Master = change.Master is null ? null : state.NameOf(link.Master),
            };
            Steps.Add(Planner.Step(link, subject, StepAction.Update, change, before) with { Lost = lost });
        }
    }

    private static ObjectRef AddressSubject(InterfaceAddress address, string link, string id) =>
        new(ObjectKind.Address, id, address.Prefix.ToString(), link);
}
