using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Sysctl;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>Keeps the host's state true: by one dump, by the kernel's reports, and by reading back what was written.</summary>
internal sealed partial class KernelReader(RouteSocket socket, SafeFileHandle? networkNamespace)
{
    /// <summary>From so many devices on, reading them all costs less than asking for each.</summary>
    private const int DumpFrom = 512;

    public HostState ReadAll(HostState? known = null)
    {
        var builder = HostState.Empty.ToBuilder();
        foreach (var link in socket.ReadLinks())
        {
            builder.Put(link);
        }

        foreach (var (link, address) in socket.ReadAddresses())
        {
            builder.Put(link, address);
        }

        foreach (var route in socket.ReadRoutes())
        {
            builder.Put(route);
        }

        foreach (var entry in socket.ReadForwarding())
        {
            builder.Put(entry);
        }

        ReadShaping(builder);
        ReadSettings(builder, known?.SettingNames ?? []);
        return builder.ToState();
    }

    /// <param name="known">The state before these reports.</param>
    /// <param name="events">What the kernel reported.</param>
    /// <param name="devices">Where the names of the devices go that this was about; frames that a bridge learned from are about none.</param>
    /// <param name="addressed">The same for those whose addresses changed.</param>
    public HostState TakeIn(HostState known, IReadOnlyList<RouteEvent> events, ISet<string> devices, ISet<string> addressed)
    {
        var builder = known.ToBuilder();
        var routesVanish = false;
        HashSet<int>? reshaped = null;
        foreach (var happened in events)
        {
            switch (happened)
            {
                case LinkChanged { Link: var link }:
                    routesVanish |= !link.Up && builder.HasIpv4Routes(link.Index);
                    Note(link.Index);
                    devices.Add(link.Name);
                    builder.Put(link);
                    break;
                case LinkRemoved removed:
                    devices.Add(removed.Name);
                    builder.RemoveLink(removed.Index);
                    break;
                case AddressAdded added:
                    NoteAddressed(added.Link);
                    builder.Put(added.Link, added.Address);
                    break;
                case AddressRemoved removed:
                    NoteAddressed(removed.Link);
                    routesVanish |= removed.Address.Prefix.IsIpv4 && builder.HasIpv4Routes(removed.Link);
                    builder.Remove(removed.Link, removed.Address.Prefix);
                    break;
                case RouteAdded { Route: var route }:
                    if (!route.Destination.IsIpv4 && known.Find(route.Link) is { Ipv6Off: true })
                    {
                        // Somebody switched IPv6 on: its address is reported only when it was found to be the only one, a second later.
                        NoteAddressed(route.Link);
                    }

                    builder.Put(route);
                    break;
                case RouteRemoved { Route: var route }:
                    if (route.Protocol == RouteProtocol.Agent)
                    {
                        Note(route.Link);
                    }

                    builder.Remove(RouteKey.Of(route));
                    break;
                case ForwardingAdded { Entry: var entry }:
                    if (entry.Permanent)
                    {
                        Note(entry.Link);
                    }

                    builder.Put(entry);
                    break;
                case ForwardingRemoved { Entry: var entry }:
                    if (entry.Permanent)
                    {
                        Note(entry.Link);
                    }

                    builder.Remove(entry);
                    break;
                case TrafficControlChanged changed:
                    Note(changed.Link);
                    (reshaped ??= []).Add(changed.Link);
                    break;
            }
        }

        if (routesVanish)
        {
            // The kernel says nothing of IPv4 routes that go with an address or with the device going down.
            PutRoutes(builder);
        }

        if (reshaped is not null)
        {
            ReadShaping(builder, reshaped);
        }

        return builder.ToState();

        void NoteAddressed(int index)
        {
            Note(index);
            if (known.Find(index) is { } link)
            {
                addressed.Add(link.Name);
            }
        }

        void Note(int index)
        {
            if (known.Find(index) is { } link)
            {
                devices.Add(link.Name);
            }
        }
    }

    /// <param name="known">With all reports of these steps in it.</param>
    /// <param name="steps">What was written.</param>
    /// <param name="reported">What the kernel said of forwarding entries since: what it confirmed needs no question.</param>
    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps, ForwardingReports reported)
    {
        var touched = Touched.By(steps);
        var builder = known.ToBuilder();
        ReadLinks(known, builder, touched.Links);
        if (touched.Routes)
        {
            PutRoutes(builder);
        }

        var state = builder.ToState();
        builder = state.ToBuilder();
        ReadAddresses(state, builder, touched.Addresses);
        ReadForwarding(builder, reported.Unconfirmed(steps, state));
        ReadSettings(builder, touched.Settings);
        if (touched.Shaping.Count > 0)
        {
            ReadShaping(builder, [.. touched.Shaping.Select(state.Find).OfType<Link>().Select(l => l.Index)]);
        }

        return builder.ToState();
    }

    public void ReadSettings(HostState.Builder builder, IEnumerable<string> names)
    {
        using var visit = NetworkNamespace.Enter(networkNamespace);
        foreach (var name in names)
        {
            builder.PutSetting(name, SysctlTree.Read(name));
        }
    }

    public HostState ReadLinks(HostState known, IReadOnlyCollection<string> names)
    {
        var builder = known.ToBuilder();
        ReadLinks(known, builder, names);
        return builder.ToState();
    }

    private void ReadLinks(HostState known, HostState.Builder builder, IReadOnlyCollection<string> names)
    {
        if (names.Count < DumpFrom)
        {
            string[] asked = [.. names];
            var found = socket.ReadLinks(asked);
            var missing = new List<int>();
            for (var i = 0; i < asked.Length; i++)
            {
                if (known.Find(asked[i]) is { } was && was.Index != found[i]?.Index)
                {
                    missing.Add(was.Index);
                }
            }

            // It may be gone, or bear another name.
            var elsewhere = missing.Count == 0 ? [] : socket.ReadLinks(missing);
            for (var i = 0; i < missing.Count; i++)
            {
                if (elsewhere[i] is { } renamed)
                {
                    builder.Put(renamed);
                }
                else
                {
                    builder.RemoveLink(missing[i]);
                }
            }

            foreach (var link in found)
            {
                if (link is not null)
                {
                    builder.Put(link);
                }
            }

            return;
        }

        var there = socket.ReadLinks();
        var indexes = there.Select(l => l.Index).ToHashSet();
        foreach (var link in known.Links)
        {
            if (!indexes.Contains(link.Index))
            {
                builder.RemoveLink(link.Index);
            }
        }

        there.ForEach(builder.Put);
    }

    private void PutRoutes(HostState.Builder builder)
    {
        builder.ForgetRoutes();
        socket.ReadRoutes().ForEach(builder.Put);
    }

    private void ReadAddresses(HostState state, HostState.Builder builder, HashSet<string> names)
    {
        foreach (var name in names)
        {
            if (state.Find(name) is { } link)
            {
                builder.ForgetAddresses(link.Index);
                foreach (var (on, address) in socket.ReadAddresses(link.Index))
                {
                    builder.Put(on, address);
                }
            }
        }
    }

    private void ReadForwarding(HostState.Builder builder, HashSet<int> links)
    {
        if (links.Count == 0)
        {
            return;
        }

        foreach (var link in links)
        {
            builder.ForgetForwarding(link);
        }

        // The kernel walks all devices for each question: for more than a few, one question for all.
        IEnumerable<ForwardingEntry> entries = links.Count <= 4
            ? links.SelectMany(i => socket.ReadForwarding(i))
            : socket.ReadForwarding().Where(e => links.Contains(e.Link));
        foreach (var entry in entries)
        {
            builder.Put(entry);
        }
    }
}
