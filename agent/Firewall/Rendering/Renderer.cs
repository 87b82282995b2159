using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rules;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Turns what is wished for into chains and sets. A packet is led from the kernel's chain by its bridge to the network's, and there by
/// its port to the port's; it meets no other port's rules. What is on a network's bridge without being one of its ports gets nothing
/// through.
/// </summary>
/// <remarks>What a port's chains say depends on the port and its network alone, and is kept for the next time.</remarks>
public sealed class Renderer
{
    private const string Bridged = "-m physdev --physdev-is-bridged";

    /// <summary>What was allowed once goes on, and spares most of the way to the rules of its ports.</summary>
    private const string Open = "-m conntrack --ctstate RELATED,ESTABLISHED";

    private const string NotOpen = "-m conntrack ! --ctstate RELATED,ESTABLISHED";

    private Dictionary<string, RenderedPort> _ports = new(StringComparer.Ordinal);

    public Ruleset Render(FirewallIntent intent)
    {
        var ports = new Dictionary<string, RenderedPort>(StringComparer.Ordinal);
        foreach (var network in intent.Networks.Values)
        {
            foreach (var (id, port) in network.Ports)
            {
                if (!port.Port.IsTrusted)
                {
                    var key = new PortInput(port.Port, network.Bridge, network.ExtraEthertypes, intent.MatchesBridges);
                    ports.Add(id, _ports.TryGetValue(id, out var known) && known.Input == key ? known : RenderedPort.Of(key, network));
                }
            }
        }

        _ports = ports;
        var doors = intent.Networks.Values.ToDictionary(n => n.Id, n => Doors(n, ports), StringComparer.Ordinal);
        var paths = new List<Chain>();
        foreach (var network in intent.Networks.Values)
        {
            WriteNetwork(network, doors[network.Id], intent.MatchesBridges, paths);
        }

        var sets = ImmutableSortedDictionary.CreateBuilder<string, AddressSet>(StringComparer.Ordinal);
        var tables = ImmutableSortedDictionary.CreateBuilder<TableId, Table>();
        tables.Add(TableId.FrameNat, Frames(intent, doors, ports));
        foreach (var family in Enum.GetValues<Family>())
        {
            var lists = new AddressLists(family);
            tables.Add(family == Family.V4 ? TableId.Raw4 : TableId.Raw6, Raw(intent, doors, ports, family, lists));
            tables.Add(family == Family.V4 ? TableId.Filter4 : TableId.Filter6, Filter(intent, paths, ports, family, lists));
            var named = intent.Groups.Values.Select(g => AddressSet.Of(ChainNames.GroupSet(family, g.Name), family, g.Members));
            foreach (var set in lists.Sets.Concat(named).Concat(ports.Values.SelectMany(p => p.Sets[family])))
            {
                sets[set.Name] = set;
            }
        }

        return new Ruleset(tables.ToImmutable(), sets.ToImmutable());
    }

    private static Table Raw(
        FirewallIntent intent, Dictionary<string, Door[]> doors, Dictionary<string, RenderedPort> ports, Family family, AddressLists lists)
    {
        if (intent.Networks.IsEmpty)
        {
            return Table.Empty;
        }

        const string Unknown = "-m physdev --physdev-is-in -j DROP";
        var chains = new List<Chain>();
        foreach (var network in intent.Networks.Values)
        {
            var chain = new ChainWriter(ChainNames.OfNetwork(network.Id), ObjectRef.Network(network.Id));
            Untrack(chain, network, family, lists);
            if (network.Zone > 0)
            {
                chain.Add(string.Create(CultureInfo.InvariantCulture, $"-j CT --zone {network.Zone}"));
            }

            if (network.Device.Length > 0)
            {
                chain.Add($"-m physdev --physdev-in {network.Device} -j RETURN");
            }

            new NameTree("-m physdev --physdev-in", "-g").Write(chain, Targets(doors[network.Id], 's', "RETURN", "-g"), Unknown, chains);
            chain.Add(Unknown);
            chains.Add(chain.Finish());
        }

        chains.AddRange(ports.Values.SelectMany(p => p.Raw[family]));
        chains.Add(ToNetworks(intent, ChainNames.Prerouting, chains));
        return Finish(chains, [("PREROUTING", ChainNames.Prerouting)]);
    }

    /// <summary>
    /// A port without connection tracking has none in either direction, but for what it has to do with a port of this host that is
    /// tracked: of a connection both ends must be seen.
    /// </summary>
    private static void Untrack(ChainWriter chain, SecuredNetwork network, Family family, AddressLists lists)
    {
        var untracked = network.Ports.Values.Where(p => p.Device.Length > 0 && p.Port is { IsTrusted: false, Security.IsUntracked: true }).ToArray();
        if (untracked.Length == 0)
        {
            return;
        }

        var tracked = network.Ports.Values.Except(untracked).SelectMany(p => Binding.Of(p.Port)).SelectMany(b => family.Of(b.Addresses)).Distinct().ToArray();
        var others = tracked.Length == 0 ? "" : $"-m set ! --match-set {lists.Keep(tracked).Name} dst ";
        foreach (var port in untracked)
        {
            chain.Add($"-m physdev --physdev-in {port.Device} {others}-j CT --notrack");
            foreach (var (before, after) in network.Device.Length == 0 ? [] : lists.Match(Binding.Of(port.Port).SelectMany(b => b.Addresses), isSource: false))
            {
                chain.Add($"{before}-m physdev --physdev-in {network.Device} {after}-j CT --notrack");
            }
        }
    }

    private static Table Filter(
        FirewallIntent intent, IReadOnlyCollection<Chain> paths, Dictionary<string, RenderedPort> ports, Family family, AddressLists lists)
    {
        var chains = new List<Chain>();
        var hooks = new List<(string, string)>();
        var input = new ChainWriter(ChainNames.Input, new ObjectRef(ObjectKind.Host));
        if (intent.Host is { } host)
        {
            chains.Add(HostChain.Write(host, family, lists));
            input.Add($"-j {ChainNames.Host}");
        }

        if (!intent.Networks.IsEmpty)
        {
            chains.AddRange(paths);
            chains.AddRange(ports.Values.SelectMany(p => p.Filter[family]));
            chains.Add(ToNetworks(intent, ChainNames.Forward, chains));
            hooks.Add(("FORWARD", ChainNames.Forward));
            new NameTree("-i", "-g").Write(
                input, Sorted(intent.Networks.Values.Select(n => KeyValuePair.Create(n.Bridge, $"-g {ChainNames.FromPorts(n.Id)}"))), null, chains);
        }

        if (intent.Host is not null || !intent.Networks.IsEmpty)
        {
            chains.Add(input.Finish());
            hooks.Add(("INPUT", ChainNames.Input));
        }

        return Finish(chains, hooks);
    }

    /// <summary>From one of its ports: what that may send. Then to one of its ports: what that gets. The same for both families.</summary>
    private static void WriteNetwork(SecuredNetwork network, Door[] doors, bool matchesBridges, List<Chain> chains)
    {
        const string Unknown = $"{Bridged} -j DROP";
        var from = new ChainWriter(ChainNames.FromPorts(network.Id), ObjectRef.Network(network.Id));
        new NameTree("-m physdev --physdev-in", "-g").Write(from, Targets(doors, 'o', null, "-g"), null, chains);
        chains.Add(from.Finish());
        var chain = new ChainWriter(ChainNames.OfNetwork(network.Id), ObjectRef.Network(network.Id));
        if (matchesBridges)
        {
            // Who sent it the raw table has seen, and whom it goes to ebtables does.
            chain.Add($"{Bridged} {Open} -j ACCEPT");
        }

        if (network.Device.Length > 0)
        {
            chain.Add($"-m physdev ! --physdev-in {network.Device} {NotOpen} -j {from.Name}");
            chain.Add($"-m physdev --physdev-out {network.Device} -j ACCEPT");
        }
        else
        {
            chain.Add($"{NotOpen} -j {from.Name}");
        }

        new NameTree("-m physdev --physdev-out", "-g").Write(chain, Targets(doors, 'i', "ACCEPT", "-g"), Unknown, chains);
        chain.Add(Unknown);
        chains.Add(chain.Finish());
    }

    private static Table Frames(FirewallIntent intent, Dictionary<string, Door[]> doors, Dictionary<string, RenderedPort> ports)
    {
        if (intent.Networks.IsEmpty)
        {
            return Table.Empty;
        }

        var chains = new List<Chain>(ports.Values.SelectMany(p => p.Frames));
        WriteDirection(ChainNames.Prerouting, ChainNames.GateIn, "-i", "--logical-in", 'f');
        WriteDirection(ChainNames.Postrouting, ChainNames.GateOut, "-o", "--logical-out", 't');
        return Finish(chains, [("PREROUTING", ChainNames.Prerouting), ("POSTROUTING", ChainNames.Postrouting)]);

        void WriteDirection(string name, string gate, string device, string bridge, char what)
        {
            var networks = intent.Networks.Values;
            var chain = new ChainWriter(name, new ObjectRef(ObjectKind.Host));
            var targets = doors.Values.SelectMany(d => Targets(d, what, "ACCEPT", "-j"));
            if (intent.MatchesBridges)
            {
                // What comes from or goes to other hosts; whatever else is on a bridge that is filtered gets nothing through.
                targets = targets.Concat(networks.Select(n => n.Device).Where(d => d.Length > 0).Distinct(StringComparer.Ordinal).Select(d => KeyValuePair.Create(d, "-j ACCEPT")));
            }

            new NameTree(device, "-j").Write(chain, Sorted(targets), null, chains);
            if (intent.MatchesBridges)
            {
                var last = new ChainWriter(gate, new ObjectRef(ObjectKind.Host));
                new NameTree(bridge, "-j").Write(last, Sorted(networks.Select(n => KeyValuePair.Create(n.Bridge, "-j DROP"))), null, chains);
                chains.Add(last.Finish());
                chain.Add($"-j {gate}");
            }

            chains.Add(chain.Finish());
        }
    }

    /// <summary>Leads from the bridge to its network.</summary>
    private static Chain ToNetworks(FirewallIntent intent, string name, List<Chain> chains)
    {
        var chain = new ChainWriter(name, new ObjectRef(ObjectKind.Host));
        new NameTree("-i", "-g").Write(
            chain, Sorted(intent.Networks.Values.Select(n => KeyValuePair.Create(n.Bridge, $"-g {ChainNames.OfNetwork(n.Id)}"))), null, chains);
        return chain.Finish();
    }

    /// <summary>A network's ports that have a device, by its name.</summary>
    private static Door[] Doors(SecuredNetwork network, Dictionary<string, RenderedPort> ports)
    {
        var doors = network.Ports.Where(p => p.Value.Device.Length > 0).Select(p => new Door(p.Value.Device, ports.GetValueOrDefault(p.Key)?.Key)).ToArray();
        Array.Sort(doors, (one, other) => string.CompareOrdinal(one.Device, other.Device));
        return doors;
    }

    /// <summary>Which device leads where. A trusted port's gets <paramref name="trusted"/>, or nothing is said of it.</summary>
    private static KeyValuePair<string, string>[] Targets(Door[] doors, char what, string? trusted, string follow) =>
    [
        .. doors.Where(d => d.Key is not null || trusted is not null).Select(d => KeyValuePair.Create(
            d.Device, d.Key is null ? $"-j {trusted}" : $"{follow} {ChainNames.OfKey(what, d.Key)}")),
    ];

    private static KeyValuePair<string, string>[] Sorted(IEnumerable<KeyValuePair<string, string>> targets) =>
        [.. targets.OrderBy(t => t.Key, StringComparer.Ordinal)];

    private static Table Finish(IEnumerable<Chain> chains, IEnumerable<(string Hook, string Chain)> hooks)
    {
        var all = new Dictionary<string, Chain>(StringComparer.Ordinal);
        foreach (var chain in chains)
        {
            // Two ids with the same name would make one port's rules another's.
            if (!all.TryAdd(chain.Name, chain))
            {
                throw new InvalidOperationException($"chain {chain.Name} would be written twice");
            }
        }

        return new Table(hooks.ToImmutableSortedDictionary(h => h.Hook, h => h.Chain, StringComparer.Ordinal), all);
    }

    /// <param name="Device">Where frames come from and go to.</param>
    /// <param name="Key">What its port's chains are called after; null: it is trusted and has none.</param>
    private readonly record struct Door(string Device, string? Key);

    private sealed record PortInput(Port Port, string Bridge, Core.Model.ValueList<int> ExtraEthertypes, bool MatchesBridges);

    private sealed record RenderedPort(
        PortInput Input,
        string Key,
        ImmutableArray<Chain> Frames,
        ImmutableDictionary<Family, ImmutableArray<Chain>> Raw,
        ImmutableDictionary<Family, ImmutableArray<Chain>> Filter,
        ImmutableDictionary<Family, ImmutableArray<AddressSet>> Sets)
    {
        public static RenderedPort Of(PortInput input, SecuredNetwork network)
        {
            var frames = new List<Chain>();
            FrameChains.Write(input.Port, network, input.MatchesBridges, frames);
            var (raw, filter, sets) = (Create<Chain>(), Create<Chain>(), Create<AddressSet>());
            foreach (var family in Enum.GetValues<Family>())
            {
                var lists = new AddressLists(family);
                var (source, policy) = (new List<Chain>(), new List<Chain>());
                SourceChains.Write(input.Port, family, lists, source);
                var chains = new PolicyChains(family, lists, policy);
                chains.WriteEgress(input.Port);
                chains.WriteIngress(input.Port);
                raw.Add(family, [.. source]);
                filter.Add(family, [.. policy]);
                sets.Add(family, [.. lists.Sets]);
            }

            return new RenderedPort(input, ChainNames.KeyOf(input.Port.NicId), [.. frames], raw.ToImmutable(), filter.ToImmutable(), sets.ToImmutable());
        }

        private static ImmutableDictionary<Family, ImmutableArray<T>>.Builder Create<T>() => ImmutableDictionary.CreateBuilder<Family, ImmutableArray<T>>();
    }
}
