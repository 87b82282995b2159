using System.Globalization;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>The way of a guest's frame out of the host: bridge, device, underlay's bridge, uplink.</summary>
internal static class Chains
{
    /// <summary>The places where a frame meets a device that is narrower than where it comes from: which two, and in words.</summary>
    /// <param name="state">What the kernel has.</param>
    /// <param name="uplinks">What labels lead out through, "bridge uplink"; a bridge may have other members, which nobody asked for.</param>
    /// <param name="owned">Only those that are in use, where the frame comes from a device of the agent's.</param>
    public static IReadOnlyDictionary<string, string> Narrowings(HostState state, IReadOnlySet<string> uplinks, bool owned)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var link in state.Links.Where(l => l.Up || !owned))
        {
            if (state.Find(link.Master) is { Kind: LinkKind.Bridge } bridge
                && (Ownership.Read(link.Alias) is not null || uplinks.Contains($"{bridge.Name} {link.Name}")))
            {
                Compare(bridge, bridge.Mtu, link);
            }

            if (state.Find(link.Parent) is { } parent && link.Master != 0)
            {
                Compare(link, link.Mtu + Overhead(link), parent);
            }
        }

        return found;

        void Compare(Link upper, int needs, Link lower)
        {
            if (needs > lower.Mtu && (!owned || Ownership.Read(upper.Alias) is not null))
            {
                found[$"{upper.Name} over {lower.Name}"] = string.Create(
                    CultureInfo.InvariantCulture, $"{upper.Name} with {upper.Mtu} needs {needs} and is over {lower.Name} with {lower.Mtu}");
            }
        }
    }

    private static int Overhead(Link link) => link.Vxlan is not { } vxlan ? 0
        : (vxlan.Remote ?? vxlan.Local)?.AddressFamily == AddressFamily.InterNetworkV6 ? 70 : 50;
}
