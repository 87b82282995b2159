using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>
/// Reading a device's forwarding table back makes the kernel walk all devices of the host. But it reports each entry that it takes up
/// or drops, before it acknowledges the request: a step with such a report is confirmed by the kernel's own words.
/// </summary>
internal sealed class ForwardingReports
{
    private readonly HashSet<(int Link, MacAddress Mac, IPAddress? Peer)> _added = [];
    private readonly HashSet<(int Link, MacAddress Mac, IPAddress? Peer)> _removed = [];

    public void Note(IReadOnlyList<RouteEvent> heard)
    {
        foreach (var happened in heard)
        {
            switch (happened)
            {
                case ForwardingAdded { Entry: var entry }:
                    _added.Add(KeyOf(entry));
                    break;
                case ForwardingRemoved { Entry: var entry }:
                    _removed.Add(KeyOf(entry));
                    break;
            }
        }
    }

    /// <summary>The devices with a step in them that the kernel did not report.</summary>
    public HashSet<int> Unconfirmed(IReadOnlyList<PlanStep> steps, HostState state)
    {
        var links = new HashSet<int>();
        foreach (var step in steps)
        {
            var (name, mac, peer, reports) = step switch
            {
                AddForwarding add => (add.Link, add.Mac, add.Peer, _added),
                RemoveForwarding remove => (remove.Link, remove.Mac, remove.Peer, _removed),
                _ => default,
            };
            if (name is not null && state.Find(name) is { } link && !reports.Contains((link.Index, mac, peer)))
            {
                links.Add(link.Index);
            }
        }

        return links;
    }

    private static (int Link, MacAddress Mac, IPAddress? Peer) KeyOf(ForwardingEntry entry) => (entry.Link, entry.Mac, entry.Peer);
}
