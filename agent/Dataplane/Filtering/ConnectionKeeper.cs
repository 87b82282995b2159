using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>Has the kernel forget connections of a family that are so.</summary>
public delegate void ForgetConnections(Family family, Func<Connection, bool> isSo);

/// <summary>
/// Ends what a port's rules once allowed and allow no more: an open connection is let through by the kernel's memory of it, not by a
/// rule. Only connections of ports that changed are looked at, and only those go that would not be allowed today.
/// </summary>
/// <param name="forget">Does it.</param>
/// <param name="zoneOf">In which zone a network's connections are; null if it is not filtered.</param>
public sealed class ConnectionKeeper(ForgetConnections forget, Func<Desired, string, ushort?> zoneOf)
{
    /// <summary>After the rules are in place: what is forgotten before could come back meanwhile.</summary>
    public void Follow(Desired before, Desired after)
    {
        var narrowed = Narrowed(before, after).ToLookup(p => p.Zone);
        if (narrowed.Count == 0)
        {
            return;
        }

        foreach (var family in Enum.GetValues<Family>())
        {
            if (narrowed.SelectMany(z => z).Any(p => family.Of(p.Addresses).Any()))
            {
                forget(family, connection => narrowed[connection.Zone].Any(p => p.Ends(connection, after.Config.AddressGroups)));
            }
        }
    }

    private IEnumerable<Narrowing> Narrowed(Desired before, Desired after)
    {
        if (ReferenceEquals(before.Config.Ports, after.Config.Ports) && ReferenceEquals(before.Config.AddressGroups, after.Config.AddressGroups))
        {
            yield break;
        }

        foreach (var (id, was) in before.Config.Ports)
        {
            var now = after.Config.Ports.GetValueOrDefault(id);
            if (now is not null && now.Network == was.Network && ReferenceEquals(now, was) && !NamesChangedGroup(now, before, after))
            {
                continue;
            }

            if (zoneOf(before, was.Network) is { } zone)
            {
                yield return new Narrowing(zone, [.. was.Addresses.Concat(was.AllowedPairs.SelectMany(p => p.Addresses))], now?.Network == was.Network ? now : null);
            }
        }
    }

    private static bool NamesChangedGroup(Port port, Desired before, Desired after) =>
        port.Security is { } security
        && security.Ingress.Concat(security.Egress).SelectMany(r => r.AddressGroups).Any(g =>
            !ReferenceEquals(before.Config.AddressGroups.GetValueOrDefault(g), after.Config.AddressGroups.GetValueOrDefault(g)));

    /// <param name="Zone">Where its connections are.</param>
    /// <param name="Addresses">That it had.</param>
    /// <param name="Now">What it may today; null: it is gone.</param>
    private sealed record Narrowing(ushort Zone, ImmutableArray<IpPrefix> Addresses, Port? Now)
    {
        public bool Ends(Connection connection, ImmutableDictionary<string, AddressGroup> groups) =>
            (Had(connection.Destination) && !IsAllowed(connection, groups, isIngress: true))
            || (Had(connection.Source) && !IsAllowed(connection, groups, isIngress: false));

        private bool Had(IPAddress address) => Addresses.Any(a => a.Contains(address));

        private bool IsAllowed(Connection connection, ImmutableDictionary<string, AddressGroup> groups, bool isIngress) =>
            Now is not null && Permissions.Allows(Now, groups, connection, isIngress);
    }
}
