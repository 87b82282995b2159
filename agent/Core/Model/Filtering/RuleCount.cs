namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>What a rule of a port counted since it was written, in both families together.</summary>
/// <param name="Name">The rule's id, empty if it has none; of what is no rule of the port's, what became of the packets.</param>
/// <param name="Place">Among the rules of its direction; null: it is none of them.</param>
/// <param name="IsIngress">Its direction.</param>
/// <param name="Packets">How many.</param>
/// <param name="Bytes">Of their IP packets.</param>
public sealed record RuleCount(string Name, int? Place, bool IsIngress, ulong Packets, ulong Bytes)
{
    /// <summary>No rule allowed it.</summary>
    public const string Drop = "drop";

    /// <summary>It would have been one new connection too many, so no rule was asked.</summary>
    public const string Limit = "limit";
}

/// <summary>What a port's rules counted.</summary>
/// <param name="Rules">Of each direction its rules in their order, and after them what was dropped.</param>
/// <param name="Failure">Why it is not known; null if it is.</param>
public sealed record PortCounts(ValueList<RuleCount> Rules, Failure? Failure);
