using System.Collections.Immutable;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>The tables that the agent has chains in, in the order in which a packet meets them.</summary>
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
/// <param name="Chains">By name.</param>
public sealed record Table(ImmutableSortedDictionary<string, string> Hooks, ImmutableSortedDictionary<string, Chain> Chains)
{
    /// <summary>Rules in the kernel's chains that lead to ours from the wrong place or once too often: "FORWARD -j CB-FORWARD".</summary>
    public ImmutableArray<string> Strays { get; init; } = [];

    public static readonly Table Empty = new(
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, Chain>(StringComparer.Ordinal));
}

/// <summary>All chains and sets, as they are to be or as they are.</summary>
/// <param name="Tables">Every table, also one with nothing in it.</param>
/// <param name="Sets">By name.</param>
public sealed record Ruleset(ImmutableSortedDictionary<TableId, Table> Tables, ImmutableSortedDictionary<string, AddressSet> Sets)
{
    public static readonly Ruleset Empty = new(
        Enum.GetValues<TableId>().ToImmutableSortedDictionary(t => t, _ => Table.Empty),
        ImmutableSortedDictionary.Create<string, AddressSet>(StringComparer.Ordinal));
}
