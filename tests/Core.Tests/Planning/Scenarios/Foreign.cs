using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>What is not the agent's, and what happened to it.</summary>
internal static class Foreign
{
    /// <summary>
    /// What was done to it without need: a managed label's uplink changes master, MTU and state, its addresses and routes go to its
    /// bridge and back, and a port is freed when its bridge goes.
    /// </summary>
    public static IEnumerable<string> Touched(HostState before, HostState after, IReadOnlySet<string> managed, ControlNetwork? control)
    {
        foreach (var link in before.Links.Where(l => IsForeign(l)))
        {
            if (after.Find(link.Name) is not { } now || now.Index != link.Index)
            {
                yield return $"{link.Name} went";
                continue;
            }

            if (!IsForeign(now))
            {
                continue;
            }

            var isUplink = managed.Contains(link.Name) || managed.Contains(before.NameOf(link.Master));
            var expected = isUplink
                ? link with { Master = now.Master, MasterKind = now.MasterKind, Mtu = now.Mtu, Up = now.Up, Carrier = now.Carrier, OperState = now.OperState, Port = now.Port }
                : link.Master != 0 && after.Find(link.Master) is null ? link with { Master = 0, MasterKind = "", Port = null } : link;
            if (!isUplink && link.Vlan is not null && after.Find(link.Parent) is { } parent && parent.Mtu < link.Mtu)
            {
                expected = expected with { Mtu = parent.Mtu };
            }

            if (link.Kind == LinkKind.Bridge && after.Members(link.Index).Any(m => m.Mtu == now.Mtu) && now.Mtu < link.Mtu)
            {
                // It follows a member that was lowered with what that stands on.
                expected = expected with { Mtu = now.Mtu };
            }

            if (expected != now)
            {
                yield return $"{expected} became {now}";
            }

            if (!isUplink)
            {
                // The control network's bridge may be one that was here, and its subnet is the control network's then.
                var addresses = before.Addresses(link.Index).Except(after.Addresses(link.Index));
                foreach (var address in addresses)
                {
                    yield return $"{link.Name} lost {address.Prefix}";
                }
            }

            foreach (var entry in before.Forwarding(link.Index).Except(after.Forwarding(link.Index)))
            {
                yield return $"{link.Name} lost the entry {entry}";
            }
        }

        // Wherever they are now, there they are.
        foreach (var address in before.Links.SelectMany(l => before.Addresses(l.Index).Select(a => (l.Name, a.Prefix)))
            .Where(a => control is null || a.Name != control.Bridge || !a.Prefix.Contains(control.Address.Address)))
        {
            if (!after.Links.Any(l => after.Addresses(l.Index).Any(a => a.Prefix == address.Prefix))
                && Ownership.Read(before.Find(address.Name)!.Alias)?.Kind is not (Ownership.Control or Ownership.Network))
            {
                yield return $"{address.Prefix} of {address.Name} is on no device any more";
            }
        }

        foreach (var route in before.Routes.Where(r => r.Protocol is not (RouteProtocol.Agent or RouteProtocol.Kernel)))
        {
            if (!after.Routes.Any(r => r with { Link = 0 } == route with { Link = 0 }) && after.Find(route.Link) is not null)
            {
                yield return $"the route to {route.Destination} through {before.NameOf(route.Link)} went";
            }
        }
    }

    private static bool IsForeign(Link link) => Ownership.Read(link.Alias) is null;
}

/// <summary>The guests' devices, and whether they noticed something.</summary>
internal static class Ports
{
    public static IEnumerable<string> Interrupted(HostState before, HostState after)
    {
        foreach (var port in before.Links.Where(l => l.Kind == LinkKind.Tun && l.Master != 0))
        {
            if (after.Find(port.Index) is not { } now || now.Master != port.Master || now.Port != port.Port)
            {
                yield return $"{port.Name} was in {before.NameOf(port.Master)} and is in '{after.NameOf(after.Find(port.Index)?.Master ?? 0)}'";
            }

            foreach (var device in before.Members(port.Master).Where(m => m.Kind is LinkKind.Vlan or LinkKind.Vxlan))
            {
                if (after.Find(device.Index) is not { } same || same.Master != port.Master)
                {
                    yield return $"{device.Name} under {port.Name} went";
                }
            }
        }
    }
}
