using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>The routes through a device that somebody made: the kernel makes the others itself.</summary>
internal static class Routes
{
    private const uint LocalTable = 255;
    private const byte Unicast = 1;

    /// <summary>In an order in which they can be made: those with a gateway need one that leads there.</summary>
    public static IEnumerable<Route> Made(Link link, HostState state) => state.RoutesVia(link.Index)
        .Where(r => r is { Protocol: not RouteProtocol.Kernel, Table: not LocalTable, Type: Unicast })
        .OrderBy(r => r.Gateway is not null)
        .ThenBy(r => r.Destination.Length)
        .ThenBy(r => r.Destination.ToString(), StringComparer.Ordinal)
        .ThenBy(r => r.Metric);
}
