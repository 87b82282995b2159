using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>A state as sorted lines without indexes: two that read the same are the same to everybody.</summary>
internal static class StateText
{
    public static IReadOnlyList<string> Of(HostState state) =>
    [
        .. state.Links.SelectMany(l => OfLink(l, state)).Concat(state.Routes.Select(r => OfRoute(r, state))).Order(StringComparer.Ordinal),
    ];

    public static IEnumerable<string> OfLink(Link link, HostState state)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"link {link.Name} {link.Kind} altnames {string.Join(',', link.AltNames.Order(StringComparer.Ordinal))} alias '{link.Alias}' mac {link.Mac} mtu {link.Mtu} up {link.Up} "
            + $"master '{state.NameOf(link.Master)}' on '{state.NameOf(link.Parent)}' ipv6off {link.Ipv6Off ?? false} {link.Bridge} {link.Vlan} {link.Vxlan} {link.Port}");
        foreach (var (address, at) in state.Addresses(link.Index).Select((a, i) => (a, i)))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"address {link.Name} {at} {address}");
        }

        if (state.Shaping(link.Index) is { } shaping && shaping != LinkShaping.None)
        {
            yield return $"shaping {link.Name} {shaping}";
        }

        foreach (var entry in state.Forwarding(link.Index).Select(e => $"{e.Mac} {e.Peer}").Order(StringComparer.Ordinal))
        {
            yield return $"entry {link.Name} {entry}";
        }
    }

    public static string OfRoute(Route route, HostState state)
    {
        var text = new StringBuilder("route ").Append(state.NameOf(route.Link)).Append(' ').Append(route with { Link = 0 });
        return text.ToString();
    }
}
