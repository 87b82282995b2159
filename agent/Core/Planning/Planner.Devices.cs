using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <content>Devices as they are to be: made, changed in place, adopted, or made anew.</content>
public sealed partial class Planner
{
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
        ValueList<AttributeChange> alien = link.Bridge is { VlanFiltering: true } ? [new AttributeChange("vlan_filtering", "1", "0")] : differs?.Rebuild ?? [];
        if (owner is null && (!isSame || alien.Count > 0))
        {
            _failures.Add(Taken(spec, link, alien, id));
            return false;
        }

        if (owner is null && InUse(link, spec, subject) is { } use)
        {
            _failures.Add(use);
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
            (link.Kind == LinkKind.Bridge ? _bridges : _devices).Add(Step(link, subject, action, change, before) with
            {
                Lost = change.Ipv6Off is true ? LinkSpecs.LostIpv6(link, _state, subject.Id).ToValueList() : [],
            });
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

    private static string Tag(VlanSettings vlan) =>
        vlan.Protocol == VlanSettings.ServiceTag ? "802.1ad" : string.Create(CultureInfo.InvariantCulture, $"the protocol 0x{vlan.Protocol:x4}");

    private static string Words(ValueList<AttributeChange> why) =>
        string.Join(", ", why.Select(w => $"{w.Name} is {Quote(w.Before)} and should be {Quote(w.After)}"));

    private static string Quote(string? value) => string.IsNullOrEmpty(value) ? "unset" : value;

    /// <summary>Why a device that fits is not to be adopted: somebody uses it for something else. Null if nobody does.</summary>
    private Failure? InUse(Link link, LinkSpec spec, ObjectRef subject)
    {
        var master = _state.NameOf(link.Master);
        var isRouted = spec.Kind == LinkKind.Bridge && link.MasterKind == LinkKind.Vrf;
        var addresses = _state.Addresses(link.Index).Where(IsInItsWay).Select(a => a.Prefix.ToString()).ToList();
        var underlay = _after.Underlays.Values.Where(u => u.Uplink == link.Name || u.Bridge == link.Name).MinBy(u => u.Label, StringComparer.Ordinal);
        var (use, remedy) = link.Master != 0 && !isRouted && master != spec.Master
            ? ($"belongs to {master}{(link.MasterKind.Length == 0 ? "" : $" ({link.MasterKind})")}", $"take {link.Name} out of {master}")
            : spec.Ipv6Off && addresses.Count > 0
            ? ($"has the host's own addresses {string.Join(", ", addresses)}", "move these addresses to another device")
            : underlay is not null
            ? ($"is the {(underlay.Uplink == link.Name ? "uplink" : "bridge")} of the physical network {underlay.Label}", $"use another device for {underlay.Label}")
            : ("", "");
        return use.Length == 0 ? null : new Failure
        {
            Operation = "plan",
            Subject = subject,
            Reason = "DEVICE_IN_USE",
            Message = $"{link.Name} is here already and {use}: the agent does not take it for a network's",
            Remedy = $"{remedy}, or give the network another segment",
        };
    }

    /// <summary>A tenant's segment is no place for them, and IPv6 switched off takes those of IPv6 away, site-local ones too.</summary>
    private static bool IsInItsWay(InterfaceAddress address) =>
        UnderlayResolver.IsGlobal(address) || (!address.Prefix.IsIpv4 && !address.Prefix.Address.IsIPv6LinkLocal);

    private Failure Taken(LinkSpec spec, Link link, ValueList<AttributeChange> why, string id)
    {
        var found = link.Kind.Length == 0 ? "a physical device" : $"a {link.Kind} device";
        var detail = link switch
        {
            { Vlan: { Protocol: VlanSettings.CustomerTag } vlan } => $" with VLAN {vlan.Vid} on {_state.NameOf(link.Parent)}",
            { Vlan: { } vlan } => $" with VLAN {vlan.Vid} of {Tag(vlan)} on {_state.NameOf(link.Parent)}",
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
}
