using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>A device that is about to go, as the spec that would bring it back.</summary>
internal static class LinkSpecs
{
    public static LinkSpec Of(Link link, HostState state) => new()
    {
        Name = link.Name,
        AltName = link.AltNames.Count > 0 ? link.AltNames[0] : null,
        Kind = link.Kind,
        Alias = link.Alias,
        Mtu = link.Mtu,
        Mac = link.Mac,
        Parent = link.Parent == 0 ? null : state.NameOf(link.Parent),
        Master = link.Master == 0 ? null : state.NameOf(link.Master),
        Up = link.Up,
        Ipv6Off = link.Ipv6Off ?? false,
        Bridge = link.Bridge,
        Vlan = link.Vlan,
        Vxlan = link.Vxlan,
        Port = link.Port,
    };

    /// <summary>
    /// What the kernel takes away with a device besides its forwarding entries, as the steps that bring it back: more altnames,
    /// addresses, routes. What it makes by itself it makes again.
    /// </summary>
    public static IEnumerable<PlanStep> Lost(Link link, HostState state, string id)
    {
        foreach (var altName in link.AltNames.Skip(1))
        {
            yield return new AddAltName(ObjectRef.Link(link.Name, id), link.Name, altName);
        }

        foreach (var step in LostTraffic(link, state, id, isIpv6Only: false))
        {
            yield return step;
        }
    }

    /// <summary>What the kernel takes away when IPv6 is switched off on a device, as the steps that bring it back.</summary>
    public static IEnumerable<PlanStep> LostIpv6(Link link, HostState state, string id) => LostTraffic(link, state, id, isIpv6Only: true);

    private static IEnumerable<PlanStep> LostTraffic(Link link, HostState state, string id, bool isIpv6Only)
    {
        foreach (var address in state.Addresses(link.Index).Where(a => !a.Prefix.Address.IsIPv6LinkLocal && !(isIpv6Only && a.Prefix.IsIpv4)))
        {
            yield return new AddAddress(new ObjectRef(ObjectKind.Address, id, address.Prefix.ToString(), link.Name), link.Name, address);
        }

        foreach (var route in Routes.Made(link, state).Where(r => !r.IsCompound && r.Protocol != RouteProtocol.Agent && !(isIpv6Only && r.Destination.IsIpv4)))
        {
            yield return new AddRoute(new ObjectRef(ObjectKind.Route, id, route.Destination.ToString(), link.Name), link.Name, route);
        }
    }
}
