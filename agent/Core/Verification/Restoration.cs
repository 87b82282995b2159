using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Verification;

/// <summary>Says whether what a step of the way back was to restore is as before; a device made again has another index.</summary>
public static class Restoration
{
    public static bool IsRestored(HostState before, HostState after, PlanStep step) => step switch
    {
        CreateLink create => Link(before, create.Spec.Name) == Link(after, create.Spec.Name),
        DeleteLink delete => Link(before, delete.Spec.Name) == Link(after, delete.Spec.Name),
        ChangeLink change => Link(before, change.Link) == Link(after, change.Link),
        AddAltName name => Link(before, name.Link) == Link(after, name.Link),
        RemoveAltName name => Link(before, name.Link) == Link(after, name.Link),
        AddAddress address => Has(before, address.Link, address.Address) == Has(after, address.Link, address.Address),
        RemoveAddress address => Has(before, address.Link, address.Address) == Has(after, address.Link, address.Address),
        AddRoute route => Has(before, route.Link, route.Route) == Has(after, route.Link, route.Route),
        RemoveRoute route => Has(before, route.Link, route.Route) == Has(after, route.Link, route.Route),
        MoveRoute route => Has(before, route.To, route.Route) == Has(after, route.To, route.Route)
            && Has(before, route.From, route.Route) == Has(after, route.From, route.Route),
        AddForwarding entry => Has(before, entry.Link, entry.Mac, entry.Peer) == Has(after, entry.Link, entry.Mac, entry.Peer),
        RemoveForwarding entry => Has(before, entry.Link, entry.Mac, entry.Peer) == Has(after, entry.Link, entry.Mac, entry.Peer),
        ChangeFilter => after.Filter.IsSameAs(before.Filter),
        SetEgress egress => Shaping(before, egress.Link).Egress == Shaping(after, egress.Link).Egress,
        SetIngress ingress => Shaping(before, ingress.Link).Ingress == Shaping(after, ingress.Link).Ingress,
        SetSetting setting => before.Setting(setting.Name) == after.Setting(setting.Name),
        _ => false,
    };

    public static Failure Failure(PlanStep step) => new()
    {
        Operation = "undo",
        Subject = step.Subject,
        Reason = "NOT_RESTORED",
        Message = $"{step.Subject} is not as it was before the change",
        Remedy = "compare it with the configuration in force, and Apply that again",
    };

    private static LinkSpec? Link(HostState state, string name) =>
        state.Find(name) is { } link ? LinkSpecs.Of(link, state) : null;

    private static LinkShaping Shaping(HostState state, string link) => state.Find(link) is { } found ? state.Shaping(found.Index) : LinkShaping.None;

    private static bool Has(HostState state, string link, InterfaceAddress address) =>
        state.Find(link) is { } found && state.Addresses(found.Index).Any(a => a.Prefix == address.Prefix);

    private static bool Has(HostState state, string link, Route route) =>
        state.Find(link) is { } found && state.FindRoute(RouteKey.Of(route with { Link = found.Index })) is not null;

    private static bool Has(HostState state, string link, MacAddress mac, System.Net.IPAddress peer) =>
        state.Find(link) is { } found && state.Forwarding(found.Index).Contains(new ForwardingEntry(found.Index, mac, peer) { Permanent = true });
}
