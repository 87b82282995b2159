using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Model;

/// <summary>
/// What the kernel has: a snapshot that never changes, so that plans are made against it and readers look at it while the next
/// one is made. A new one shares all that is the same with the old one.
/// </summary>
public sealed partial class HostState
{
    public static readonly HostState Empty = new(
        ImmutableDictionary<int, Link>.Empty,
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal),
        ImmutableDictionary<int, ImmutableHashSet<int>>.Empty,
        ImmutableDictionary<int, ImmutableHashSet<int>>.Empty,
        ImmutableDictionary.Create<string, ImmutableHashSet<int>>(StringComparer.Ordinal),
        ImmutableDictionary<int, ImmutableList<InterfaceAddress>>.Empty,
        ImmutableDictionary<int, ImmutableDictionary<RouteKey, Route>>.Empty,
        ImmutableDictionary<int, ImmutableHashSet<ForwardingEntry>>.Empty,
        ImmutableDictionary<int, LinkShaping>.Empty,
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal));

    private readonly ImmutableDictionary<int, Link> _links;
    private readonly ImmutableDictionary<string, int> _names;
    private readonly ImmutableDictionary<int, ImmutableHashSet<int>> _members;
    private readonly ImmutableDictionary<int, ImmutableHashSet<int>> _children;
    private readonly ImmutableDictionary<string, ImmutableHashSet<int>> _owned;
    private readonly ImmutableDictionary<int, ImmutableList<InterfaceAddress>> _addresses;
    private readonly ImmutableDictionary<int, ImmutableDictionary<RouteKey, Route>> _routes;
    private readonly ImmutableDictionary<int, ImmutableHashSet<ForwardingEntry>> _forwarding;
    private readonly ImmutableDictionary<int, LinkShaping> _shaping;
    private readonly ImmutableDictionary<string, string> _settings;

    private HostState(
        ImmutableDictionary<int, Link> links,
        ImmutableDictionary<string, int> names,
        ImmutableDictionary<int, ImmutableHashSet<int>> members,
        ImmutableDictionary<int, ImmutableHashSet<int>> children,
        ImmutableDictionary<string, ImmutableHashSet<int>> owned,
        ImmutableDictionary<int, ImmutableList<InterfaceAddress>> addresses,
        ImmutableDictionary<int, ImmutableDictionary<RouteKey, Route>> routes,
        ImmutableDictionary<int, ImmutableHashSet<ForwardingEntry>> forwarding,
        ImmutableDictionary<int, LinkShaping> shaping,
        ImmutableDictionary<string, string> settings)
    {
        _links = links;
        _names = names;
        _members = members;
        _children = children;
        _owned = owned;
        _addresses = addresses;
        _routes = routes;
        _forwarding = forwarding;
        _shaping = shaping;
        _settings = settings;
    }

    /// <summary>The agent's chains and sets.</summary>
    public Ruleset Filter { get; private init; } = Ruleset.Empty;

    public IEnumerable<Link> Links => _links.Values;

    public int LinkCount => _links.Count;

    public IEnumerable<Route> Routes => _routes.Values.SelectMany(r => r.Values);

    /// <summary>The aliases with the agent's mark, each with the devices that carry it.</summary>
    public IEnumerable<string> OwnedAliases => _owned.Keys;

    /// <summary>By its name or one of its altnames.</summary>
    public Link? Find(string name) => _names.TryGetValue(name, out var index) ? _links[index] : null;

    public Link? Find(int index) => _links.GetValueOrDefault(index);

    public string NameOf(int index) => _links.TryGetValue(index, out var link) ? link.Name : "";

    /// <summary>The members of a bridge or bond.</summary>
    public IEnumerable<Link> Members(int master) => Resolve(_members.GetValueOrDefault(master));

    /// <summary>The devices that stand on this one.</summary>
    public IEnumerable<Link> Children(int parent) => Resolve(_children.GetValueOrDefault(parent));

    /// <summary>The devices with this mark of the agent's.</summary>
    public IEnumerable<Link> OwnedBy(string alias) => Resolve(_owned.GetValueOrDefault(alias));

    public IReadOnlyList<InterfaceAddress> Addresses(int link) => _addresses.GetValueOrDefault(link) ?? [];

    public Route? FindRoute(RouteKey key) => _routes.TryGetValue(key.Link, out var routes) ? routes.GetValueOrDefault(key) : null;

    /// <summary>The routes through a device, those with several next hops too.</summary>
    public IEnumerable<Route> RoutesVia(int link) =>
        (_routes.GetValueOrDefault(link)?.Values ?? []).Concat((_routes.GetValueOrDefault(0)?.Values ?? []).Where(r => r.Hops.Contains(link)));

    /// <summary>The entries of a VXLAN device that somebody set, routing daemons too; those learned from frames are not kept here.</summary>
    public IReadOnlySet<ForwardingEntry> Forwarding(int link) => _forwarding.GetValueOrDefault(link) ?? [];

    /// <summary>How fast a device may be.</summary>
    public LinkShaping Shaping(int link) => _shaping.GetValueOrDefault(link) ?? LinkShaping.None;

    /// <summary>The devices on which the agent holds traffic to a rate.</summary>
    public IEnumerable<Link> ShapedLinks => _shaping.Where(s => s.Value.IsOurs).Select(s => _links[s.Key]);

    /// <summary>The kernel settings that were read.</summary>
    public IEnumerable<string> SettingNames => _settings.Keys;

    /// <summary>A kernel setting by its dotted name; null if it was not read, or is not there.</summary>
    public string? Setting(string name) => _settings.GetValueOrDefault(name);

    public Builder ToBuilder() => new(this);

    private IEnumerable<Link> Resolve(ImmutableHashSet<int>? indexes) => indexes is null ? [] : indexes.Select(i => _links[i]);
}

/// <summary>What tells two routes apart.</summary>
public readonly record struct RouteKey(uint Table, IpPrefix Destination, int Link, uint Metric, byte Tos)
{
    public static RouteKey Of(Route route) => new(route.Table, route.Destination, route.Link, route.Metric, route.Tos);
}
