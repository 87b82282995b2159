using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>The route that leads a multicast group out of the underlay, whatever the host's default route says.</summary>
public static class GroupRoutes
{
    private const byte LinkScope = 253;

    /// <summary>The metric that the kernel gives to IPv6 routes without one.</summary>
    private const uint Ipv6Metric = 1024;

    public static Route Make(IPAddress group, int link)
    {
        var isIpv6 = group.AddressFamily == AddressFamily.InterNetworkV6;
        return new Route(IpPrefix.Host(group), link)
        {
            Protocol = RouteProtocol.Agent,
            Scope = isIpv6 ? (byte)0 : LinkScope,
            Metric = isIpv6 ? Ipv6Metric : 0,
        };
    }
}
