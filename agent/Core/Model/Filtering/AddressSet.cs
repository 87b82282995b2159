using System.Collections.Immutable;

namespace Cloudbr.Agent.Core.Model.Filtering;

/// <summary>An ipset of addresses and prefixes.</summary>
/// <param name="Name">What rules call it.</param>
/// <param name="Family">Of its members; a set has one.</param>
/// <param name="Members">In the spelling of ipset.</param>
public sealed record AddressSet(string Name, Family Family, ImmutableHashSet<string> Members)
{
    public static AddressSet Of(string name, Family family, IEnumerable<IpPrefix> prefixes) =>
        new(name, family, [.. family.Of(prefixes).SelectMany(p => Spell(p, family))]);

    public bool Equals(AddressSet? other) =>
        other is not null && Name == other.Name && Family == other.Family && (ReferenceEquals(Members, other.Members) || Members.SetEquals(other.Members));

    public override int GetHashCode() => HashCode.Combine(Name, Members.Count);

    /// <summary>A single host without its length; everybody in two halves, for a set takes no prefix of length 0.</summary>
    private static IEnumerable<string> Spell(IpPrefix prefix, Family family) =>
        prefix.Length == 0 ? family == Family.V4 ? ["0.0.0.0/1", "128.0.0.0/1"] : ["::/1", "8000::/1"]
        : prefix.Length == IpPrefix.MaxLength(prefix.Address) ? [AddressText.Of(prefix.Address)]
        : [AddressText.Of(prefix)];
}
