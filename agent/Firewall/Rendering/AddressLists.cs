using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Matches one of many addresses: a few each with its own rule, more with one rule and a set. The set is named after what is in it, so
/// it never changes, and rules with the same list share it.
/// </summary>
internal sealed class AddressLists(Family family)
{
    private const int FewAddresses = 8;

    private readonly Dictionary<string, AddressSet> _sets = new(StringComparer.Ordinal);

    public IReadOnlyCollection<AddressSet> Sets => _sets.Values;

    /// <summary>
    /// What stands in front of and behind the protocol in each rule that is needed: the address itself stands in front, a set behind.
    /// </summary>
    public IEnumerable<(string Before, string After)> Match(IEnumerable<IpPrefix> prefixes, bool isSource)
    {
        var own = family.Of(prefixes).Distinct().ToArray();
        if (own.Length <= FewAddresses)
        {
            return own.Select(p => (isSource ? Spelling.Source(p) : Spelling.Destination(p), ""));
        }

        return own.Any(p => p.Length == 0) ? [("", "")] : [("", MatchSet(Keep(own).Name, isSource))];
    }

    public static string MatchSet(string name, bool isSource) => $"-m set --match-set {name} {(isSource ? "src" : "dst")} ";

    public AddressSet Keep(IEnumerable<IpPrefix> prefixes)
    {
        var set = AddressSet.Of("", family, prefixes);
        set = set with { Name = ChainNames.ListSet(family, string.Join(' ', set.Members.Order(StringComparer.Ordinal))) };
        _sets[set.Name] = set;
        return set;
    }
}
