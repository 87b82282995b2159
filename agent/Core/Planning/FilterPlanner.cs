using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>
/// Compares the packet filter with what is desired. The whole of it is one object that is programmed at once; what differs is told for
/// each port, each network and the host.
/// </summary>
internal static class FilterPlanner
{
    /// <param name="before">The desired state so far.</param>
    /// <param name="after">The desired state.</param>
    /// <param name="state">What the kernel has.</param>
    /// <param name="except">Whose part is left as it is.</param>
    public static IReadOnlyList<PlanStep> Plan(Desired before, Desired after, HostState state, IReadOnlySet<string> except)
    {
        if (after.Filter is not { } wanted || wanted.IsSameAs(state.Filter))
        {
            return [];
        }

        var target = Without(except, WithUndeclared(wanted, before, after, state), state.Filter);
        var differences = new SortedDictionary<string, Difference>(StringComparer.Ordinal);
        foreach (var (id, table) in target.Tables)
        {
            var actual = state.Filter.Tables[id];
            if (ReferenceEquals(table, actual))
            {
                continue;
            }

            foreach (var chain in table.Chains.Values)
            {
                var there = actual.Chains.GetValueOrDefault(chain.Name);
                if (!chain.Equals(there))
                {
                    Note(chain.Owner).Add(Words(id, chain.Name), there, chain);
                }
            }

            foreach (var chain in actual.Chains.Values)
            {
                if (!table.Chains.ContainsKey(chain.Name))
                {
                    Note(before.Filter?.Tables[id].Chains.GetValueOrDefault(chain.Name)?.Owner ?? chain.Owner).Add(Words(id, chain.Name), chain, null);
                }
            }

            foreach (var hook in table.Hooks.Keys.Union(actual.Hooks.Keys))
            {
                var (now, then) = (actual.Hooks.GetValueOrDefault(hook), table.Hooks.GetValueOrDefault(hook));
                if (now != then)
                {
                    Note(new ObjectRef(ObjectKind.Host)).Add(new AttributeChange(Words(id, hook), now, then));
                }
            }

            foreach (var stray in actual.Strays)
            {
                Note(new ObjectRef(ObjectKind.Host)).Add(new AttributeChange(Words(id, "stray"), stray, null));
            }
        }

        if (!target.HasSameSets(state.Filter))
        {
            foreach (var name in target.Sets.Keys.Union(state.Filter.Sets.Keys))
            {
                var (now, then) = (state.Filter.Sets.GetValueOrDefault(name), target.Sets.GetValueOrDefault(name));
                if (!Equals(now, then))
                {
                    Note(new ObjectRef(ObjectKind.Host)).Add(new AttributeChange($"ipset {name}", Count(now?.Members.Count), Count(then?.Members.Count)));
                }
            }
        }

        return [.. differences.Values.Select(d => d.ToStep(state.Filter, target))];

        Difference Note(ObjectRef owner)
        {
            var key = $"{owner.Kind} {owner.Id}";
            if (!differences.TryGetValue(key, out var difference))
            {
                differences.Add(key, difference = new Difference(owner));
            }

            return difference;
        }
    }

    /// <summary>
    /// As long as nobody has said which networks and ports there are, a chain that is in no configuration may well be somebody's: it
    /// stays.
    /// </summary>
    private static Ruleset WithUndeclared(Ruleset wanted, Desired before, Desired after, HostState state)
    {
        if (!after.Undeclared.Contains(ConfigSection.Ports) && !after.Undeclared.Contains(ConfigSection.Networks))
        {
            return wanted;
        }

        var tables = wanted.Tables;
        foreach (var (id, table) in state.Filter.Tables)
        {
            var kept = table.Chains.Values.Where(c =>
                !wanted.Tables[id].Chains.ContainsKey(c.Name) && before.Filter?.Tables[id].Chains.ContainsKey(c.Name) != true).ToList();
            if (kept.Count > 0)
            {
                tables = tables.SetItem(id, wanted.Tables[id] with
                {
                    Chains = wanted.Tables[id].Chains.Values.Concat(kept).ToDictionary(c => c.Name, StringComparer.Ordinal),
                });
            }
        }

        var sets = state.Filter.Sets.Where(s => !wanted.Sets.ContainsKey(s.Key) && before.Filter?.Sets.ContainsKey(s.Key) != true);
        return new Ruleset(tables, wanted.Sets.AddRange(sets));
    }

    /// <summary>What somebody else changes again and again is his for a while, and does not keep the rest from being healed.</summary>
    private static Ruleset Without(IReadOnlySet<string> except, Ruleset wanted, Ruleset actual)
    {
        if (except.Count == 0)
        {
            return wanted;
        }

        return wanted with
        {
            Tables = wanted.Tables.ToImmutableSortedDictionary(t => t.Key, t => t.Value with
            {
                Chains = t.Value.Chains.Values.ToDictionary(
                    c => c.Name, c => except.Contains(c.Owner.Id) ? actual.Tables[t.Key].Chains.GetValueOrDefault(c.Name) ?? c : c, StringComparer.Ordinal),
            }),
        };
    }

    private static string Words(TableId id, string name) => id switch
    {
        TableId.FrameNat => $"ebtables nat {name}",
        TableId.Raw4 => $"iptables raw {name}",
        TableId.Filter4 => $"iptables filter {name}",
        TableId.Raw6 => $"ip6tables raw {name}",
        _ => $"ip6tables filter {name}",
    };

    private static string? Count(int? count) => count?.ToString(CultureInfo.InvariantCulture);

    private sealed class Difference(ObjectRef owner)
    {
        private readonly List<AttributeChange> _changes = [];
        private bool _hadAny;
        private bool _hasAny;

        public void Add(AttributeChange change)
        {
            _changes.Add(change);
            _hadAny |= change.Before is not null;
            _hasAny |= change.After is not null;
        }

        public void Add(string name, Chain? before, Chain? after) => Add(new AttributeChange(name, Spell(before), Spell(after)));

        public ChangeFilter ToStep(Ruleset before, Ruleset after) =>
            new(owner, !_hadAny ? StepAction.Create : !_hasAny ? StepAction.Delete : StepAction.Update, before, after) { Attributes = [.. _changes] };

        private static string? Spell(Chain? chain) =>
            chain is null ? null : string.Create(CultureInfo.InvariantCulture, $"{chain.Rules.Length} rules ({(uint)(chain.Hash >> 96):x8})");
    }
}
