using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>
/// The kernel acknowledges an IPv6 address before it takes packets for it on its device: the local route comes a moment later, from
/// a worker of its own. An address that moves must not leave the old device before that.
/// </summary>
internal sealed class Ipv6Arrival(RouteSocket socket, KernelNews news)
{
    private const uint LocalTable = 255;
    private const byte Local = 2;

    private readonly HashSet<(int Link, IPAddress Address)> _expected = [];

    public void Expect(int link, IpPrefix prefix)
    {
        if (!prefix.IsIpv4)
        {
            _expected.Add((link, prefix.Address));
        }
    }

    /// <summary>Waits for all that were expected, and expects none of them any more. Returns those that did not come in time.</summary>
    public IReadOnlyList<(int Link, IPAddress Address)> Await(TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        var taken = 0;
        var isFirstLook = true;
        while (_expected.Count > 0 && TimeProvider.System.GetElapsedTime(started) is var passed && passed < limit)
        {
            var wasComplete = news.IsComplete;
            news.Listen();
            for (; taken < news.Heard.Count; taken++)
            {
                if (news.Heard[taken] is RouteAdded { Route: var route })
                {
                    Strike(route);
                }
            }

            if (_expected.Count > 0 && (isFirstLook || news.IsComplete != wasComplete))
            {
                // It may have been there before, or its report was dropped.
                socket.ReadRoutes().ForEach(Strike);
                isFirstLook = false;
            }

            if (_expected.Count > 0)
            {
                news.Wait(limit - passed);
            }
        }

        List<(int, IPAddress)> missing = [.. _expected];
        _expected.Clear();
        return missing;
    }

    private void Strike(Route route)
    {
        if (route is { Table: LocalTable, Type: Local })
        {
            _expected.Remove((route.Link, route.Destination.Address));
        }
    }
}
