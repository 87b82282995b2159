using System.Collections.Immutable;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>The tables that the agent has chains in.</summary>
public enum TableId
{
    FrameNat,
    Raw4,
    Filter4,
    Raw6,
    Filter6,
}

/// <summary>The agent's chains of one table.</summary>
/// <param name="Hooks">Which of the kernel's chains leads to which of ours, before anything else and once.</param>
/// <param name="Chains">By name. There may be ten thousand, so this is a plain table that nobody changes.</param>
public sealed record Table(ImmutableSortedDictionary<string, string> Hooks, IReadOnlyDictionary<string, Chain> Chains)
{
    public static readonly Table Empty = new(
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), new Dictionary<string, Chain>(StringComparer.Ordinal));

    /// <summary>Rules in the kernel's chains that lead to ours from the wrong place or once too often: "FORWARD -j CB-FORWARD".</summary>
    public ImmutableArray<string> Strays { get; init; } = [];

    /// <summary>Whether the kernel would do the same by both.</summary>
    public bool IsSameAs(Table other) => ReferenceEquals(this, other)
        || (Strays.IsEmpty && other.Strays.IsEmpty && Hooks.SequenceEqual(other.Hooks) && Chains.Count == other.Chains.Count
            && Chains.Values.All(c => c.Equals(other.Chains.GetValueOrDefault(c.Name))));
}

/// <summary>All chains and sets, as they are to be or as they are.</summary>
/// <param name="Tables">Every table, also one with nothing in it.</param>
/// <param name="Sets">By name.</param>
public sealed record Ruleset(ImmutableSortedDictionary<TableId, Table> Tables, ImmutableSortedDictionary<string, AddressSet> Sets)
{
    public static readonly Ruleset Empty = new(
        Enum.GetValues<TableId>().ToImmutableSortedDictionary(t => t, _ => Table.Empty),
        ImmutableSortedDictionary.Create<string, AddressSet>(StringComparer.Ordinal));

    public bool IsSameAs(Ruleset other) => ReferenceEquals(this, other)
        || (Tables.All(t => t.Value.IsSameAs(other.Tables[t.Key])) && HasSameSets(other));

    public bool HasSameSets(Ruleset other) => ReferenceEquals(Sets, other.Sets)
        || (Sets.Count == other.Sets.Count && Sets.Values.All(s => s.Equals(other.Sets.GetValueOrDefault(s.Name))));

    /// <summary>The same rules, with what is the same as in another one taken from there: comparing them again costs nothing.</summary>
    public Ruleset SettleOn(Ruleset other)
    {
        var tables = Tables;
        foreach (var (id, table) in Tables)
        {
            if (!ReferenceEquals(table, other.Tables[id]) && table.IsSameAs(other.Tables[id]))
            {
                tables = tables.SetItem(id, other.Tables[id]);
            }
        }

        return new Ruleset(tables, HasSameSets(other) ? other.Sets : Sets);
    }
}
