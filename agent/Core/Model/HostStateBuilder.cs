using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Model;

public sealed partial class HostState
{
    /// <summary>Takes in what was read or reported, one object at a time. Telling it the same thing twice changes nothing.</summary>
    public sealed class Builder
    {
        private readonly ImmutableDictionary<int, Link>.Builder _links;
        private readonly ImmutableDictionary<string, int>.Builder _names;
        private readonly ImmutableDictionary<int, ImmutableHashSet<int>>.Builder _members;
        private readonly ImmutableDictionary<int, ImmutableHashSet<int>>.Builder _children;
        private readonly ImmutableDictionary<string, ImmutableHashSet<int>>.Builder _owned;
        private readonly ImmutableDictionary<int, ImmutableList<InterfaceAddress>>.Builder _addresses;
        private readonly ImmutableDictionary<int, ImmutableDictionary<RouteKey, Route>>.Builder _routes;
        private readonly ImmutableDictionary<int, ImmutableHashSet<ForwardingEntry>>.Builder _forwarding;
        private readonly ImmutableDictionary<int, LinkShaping>.Builder _shaping;
        private readonly ImmutableDictionary<string, string>.Builder _settings;

        internal Builder(HostState state)
        {
            _links = state._links.ToBuilder();
            _names = state._names.ToBuilder();
            _members = state._members.ToBuilder();
            _children = state._children.ToBuilder();
            _owned = state._owned.ToBuilder();
            _addresses = state._addresses.ToBuilder();
            _routes = state._routes.ToBuilder();
            _forwarding = state._forwarding.ToBuilder();
            _shaping = state._shaping.ToBuilder();
            _settings = state._settings.ToBuilder();
            Filter = state.Filter;
        }

        /// <summary>The agent's chains and sets, which are read by themselves.</summary>
        public Ruleset Filter { get; set; }

        public HostState ToState() => new(
            _links.ToImmutable(),
            _names.ToImmutable(),
            _members.ToImmutable(),
            _children.ToImmutable(),
            _owned.ToImmutable(),
            _addresses.ToImmutable(),
            _routes.ToImmutable(),
            _forwarding.ToImmutable(),
            _shaping.ToImmutable(),
            _settings.ToImmutable())
        {
            Filter = Filter,
        };

        public void Put(Link link)
        {
            if (_links.TryGetValue(link.Index, out var known))
            {
                if (known == link)
                {
                    return;
                }

                Unlist(known);
            }

            // A network's devices carry the same mark: one text for both, for they are thousands.
            if (_owned.TryGetKey(link.Alias, out var alias) && !ReferenceEquals(alias, link.Alias))
            {
                link = link with { Alias = alias };
            }

            _links[link.Index] = link;
            _names[link.Name] = link.Index;
            foreach (var name in link.AltNames)
            {
                _names[name] = link.Index;
            }

            Insert(_members, link.Master, link.Index, link.Master != 0);
            Insert(_children, link.Parent, link.Index, link.Parent != 0);
            Insert(_owned, link.Alias, link.Index, Ownership.Read(link.Alias) is not null);
        }

        /// <summary>The kernel takes the addresses, routes and entries of a device away with it, and frees its members.</summary>
        public void RemoveLink(int index)
        {
            if (_links.TryGetValue(index, out var link))
            {
                Unlist(link);
                _links.Remove(index);
                _addresses.Remove(index);
                _forwarding.Remove(index);
                _shaping.Remove(index);
                _routes.Remove(index);
                foreach (var member in _members.GetValueOrDefault(index) ?? [])
                {
                    Put(_links[member] with { Master = 0, MasterKind = "", Port = null });
                }
            }
        }

        public void Put(int link, InterfaceAddress address)
        {
            var known = _addresses.GetValueOrDefault(link) ?? [];
            var at = known.FindIndex(a => a.Prefix == address.Prefix);
            _addresses[link] = at < 0 ? known.Add(address) : known.SetItem(at, address);
        }

        public void Remove(int link, IpPrefix prefix)
        {
            if (_addresses.TryGetValue(link, out var known))
            {
                var left = known.RemoveAll(a => a.Prefix == prefix);
                if (left.IsEmpty)
                {
                    _addresses.Remove(link);
                }
                else
                {
                    _addresses[link] = left;
                }
            }
        }

        /// <summary>Whether IPv4 routes lead through this device: the kernel does not tell when they go with it.</summary>
        public bool HasIpv4Routes(int link) =>
            (_routes.TryGetValue(link, out var routes) && routes.Values.Any(r => r.Destination.IsIpv4))
            || (_routes.TryGetValue(0, out var compound) && compound.Values.Any(r => r.Destination.IsIpv4 && r.Hops.Contains(link)));

        public void Put(Route route) =>
            _routes[route.Link] = (_routes.GetValueOrDefault(route.Link) ?? ImmutableDictionary<RouteKey, Route>.Empty).SetItem(RouteKey.Of(route), route);

        public void Remove(RouteKey route)
        {
            if (_routes.TryGetValue(route.Link, out var known))
            {
                var left = known.Remove(route);
                if (left.IsEmpty)
                {
                    _routes.Remove(route.Link);
                }
                else
                {
                    _routes[route.Link] = left;
                }
            }
        }

        /// <summary>Learned entries come and go by the thousand and are nobody's decision: they are not kept.</summary>
        public void Put(ForwardingEntry entry)
        {
            if (entry.Peer is not null && (entry.Permanent || entry.External))
            {
                Insert(_forwarding, entry.Link, entry, wanted: true);
            }
        }

        /// <summary>Whoever set it. A device may have thousands of others: only those that it can be are looked for.</summary>
        public void Remove(ForwardingEntry entry)
        {
            if (_forwarding.TryGetValue(entry.Link, out var known))
            {
                var kept = new ForwardingEntry(entry.Link, entry.Mac, entry.Peer);
                Shrink(_forwarding, entry.Link, known
                    .Remove(kept with { Permanent = true })
                    .Remove(kept with { External = true })
                    .Remove(kept with { Permanent = true, External = true }));
            }
        }

        /// <summary>Before a device's entries, or its addresses, are put in anew from a fresh read.</summary>
        public void ForgetForwarding(int link) => _forwarding.Remove(link);

        /// <inheritdoc cref="ForgetForwarding"/>
        public void ForgetAddresses(int link) => _addresses.Remove(link);

        /// <summary>Before all routes are put in anew from a fresh read.</summary>
        public void ForgetRoutes() => _routes.Clear();

        public string NameOf(int index) => _links.TryGetValue(index, out var link) ? link.Name : "";

        /// <summary>Of a device that is there.</summary>
        public void Put(int link, LinkShaping shaping)
        {
            if (shaping == LinkShaping.None || !_links.ContainsKey(link))
            {
                _shaping.Remove(link);
            }
            else
            {
                _shaping[link] = shaping;
            }
        }

        /// <summary>A kernel setting's value; null if the kernel has no such setting.</summary>
        public void PutSetting(string name, string? value)
        {
            if (value is null)
            {
                _settings.Remove(name);
            }
            else
            {
                _settings[name] = value;
            }
        }

        private void Unlist(Link link)
        {
            RemoveName(link.Name, link.Index);
            foreach (var name in link.AltNames)
            {
                RemoveName(name, link.Index);
            }

            Drop(_members, link.Master, link.Index);
            Drop(_children, link.Parent, link.Index);
            Drop(_owned, link.Alias, link.Index);
        }

        /// <summary>Another device may bear the name by now.</summary>
        private void RemoveName(string name, int index)
        {
            if (_names.TryGetValue(name, out var bearer) && bearer == index)
            {
                _names.Remove(name);
            }
        }

        private static void Insert<TKey, T>(ImmutableDictionary<TKey, ImmutableHashSet<T>>.Builder sets, TKey key, T item, bool wanted)
            where TKey : notnull
        {
            if (wanted)
            {
                sets[key] = (sets.GetValueOrDefault(key) ?? []).Add(item);
            }
        }

        private static void Drop<TKey>(ImmutableDictionary<TKey, ImmutableHashSet<int>>.Builder sets, TKey key, int item)
            where TKey : notnull
        {
            if (sets.TryGetValue(key, out var set))
            {
                Shrink(sets, key, set.Remove(item));
            }
        }

        private static void Shrink<TKey, T>(ImmutableDictionary<TKey, ImmutableHashSet<T>>.Builder sets, TKey key, ImmutableHashSet<T> left)
            where TKey : notnull
        {
            if (left.IsEmpty)
            {
                sets.Remove(key);
            }
            else
            {
                sets[key] = left;
            }
        }
    }
}
