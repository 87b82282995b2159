using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rendering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>Reads the agent's sets from what "ipset save" prints.</summary>
public static class SavedSets
{
    public static ImmutableSortedDictionary<string, AddressSet> Read(string text)
    {
        var sets = new Dictionary<string, (Family Family, ImmutableHashSet<string>.Builder Members)>(StringComparer.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var words = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || !words[1].StartsWith(ChainNames.Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            if (words[0] == "create")
            {
                sets[words[1]] = (words.Contains("inet6") ? Family.V6 : Family.V4, ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal));
            }
            else if (words[0] == "add" && sets.TryGetValue(words[1], out var set))
            {
                set.Members.Add(words[2]);
            }
        }

        return sets.ToImmutableSortedDictionary(s => s.Key, s => new AddressSet(s.Key, s.Value.Family, s.Value.Members.ToImmutable()), StringComparer.Ordinal);
    }
}
