using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>
/// The kernel acknowledges an IPv6 address before it takes packets for it on its device: the local route comes a moment later, from
/// a worker of its own. An address that moves must not leave the old device before that.
/// </summary>
internal sealed class Ipv6Arrival(RouteSocket socket)
{
    private const uint LocalTable = 255;
    private const byte Local = 2;

    /// <summary>After that it is not worth holding up the rest.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly HashSet<(int Link, IPAddress Address)> _expected = [];

    /// <summary>Whether there is anything to wait for.</summary>
    public bool IsPending => _expected.Count > 0;

    public void Expect(int link, IpPrefix prefix)
    {
        if (!prefix.IsIpv4)
        {
            _expected.Add((link, prefix.Address));
        }
    }

    /// <summary>Waits for all that were expected, and expects none of them any more.</summary>
    public void Await()
    {
        for (var started = TimeProvider.System.GetTimestamp(); !HaveArrived(); Thread.Sleep(Pause))
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
            {
                break;
            }
        }

        _expected.Clear();
    }

    private bool HaveArrived()
    {
        var there = socket.ReadRoutes().Where(r => r is { Table: LocalTable, Type: Local }).Select(r => (r.Link, r.Destination.Address)).ToHashSet();
        return _expected.All(there.Contains);
    }
}
