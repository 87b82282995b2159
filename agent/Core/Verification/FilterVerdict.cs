using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Core.Verification;

/// <summary>
/// Says of which ports the rules are in the kernel as desired: the port's own chains, what leads to them, and the sets that they name.
/// Compares all of them once; what is known to be the same costs nothing.
/// </summary>
public sealed class FilterVerdict
{
    private static readonly ObjectRef Host = new(ObjectKind.Host);

    private readonly Ruleset? _wanted;
    private readonly HashSet<ObjectRef> _amiss = [];
    private readonly ImmutableArray<string> _sets = [];

    private FilterVerdict(Ruleset? wanted, Ruleset actual)
    {
        _wanted = wanted;
        if (wanted is null)
        {
            return;
        }

        foreach (var (id, table) in wanted.Tables)
        {
            var there = actual.Tables[id];
            if (ReferenceEquals(table, there))
            {
                continue;
            }

            if (!there.Strays.IsEmpty || !table.Hooks.SequenceEqual(there.Hooks))
            {
                _amiss.Add(Host);
            }

            _amiss.UnionWith(table.Chains.Values.Where(c => !c.Equals(there.Chains.GetValueOrDefault(c.Name))).Select(c => c.Owner));
        }

        if (!ReferenceEquals(wanted.Sets, actual.Sets))
        {
            _sets = [.. wanted.Sets.Values.Where(s => !s.Equals(actual.Sets.GetValueOrDefault(s.Name))).Select(s => $" {s.Name} ")];
        }
    }

    /// <param name="desired">The desired state.</param>
    /// <param name="state">What the kernel has.</param>
    public static FilterVerdict Of(Desired desired, HostState state) => new(desired.Filter, state.Filter);

    /// <summary>Whether a port that is to be filtered is.</summary>
    public bool Holds(Port port)
    {
        var owner = ObjectRef.Port(port.NicId);
        return _wanted is not null
            && !_amiss.Contains(Host)
            && !_amiss.Contains(ObjectRef.Network(port.Network))
            && !_amiss.Contains(owner)
            && (_sets.IsEmpty || !_wanted.Tables.Values.SelectMany(t => t.Chains.Values).Any(c => c.Owner == owner && NamesOne(c)));
    }

    private bool NamesOne(Chain chain) => chain.Rules.Any(rule => _sets.Any(set => rule.Contains(set, StringComparison.Ordinal)));
}
