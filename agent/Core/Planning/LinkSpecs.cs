using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

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
}
