using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Rendering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>
/// Reads the agent's chains, and what leads to them, from what a save tool prints. Rules are not understood, only compared: they are
/// written as the tools print them.
/// </summary>
/// <param name="names">How this host's tools name protocols or Ethernet types that rules give by number.</param>
public sealed class SavedTables(NumberNames names)
{
    /// <summary>The tables of one tool by their names; one that was not printed is not there.</summary>
    public ImmutableDictionary<string, Table> Read(string text)
    {
        var tables = ImmutableDictionary.CreateBuilder<string, Table>(StringComparer.Ordinal);
        var reading = new Reading();
        var name = "";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("*"))
            {
                // ebtables does not always say where a table ends.
                tables[name] = reading.Finish();
                (name, reading) = (line[1..].Trim().ToString(), new Reading());
            }
            else if (line.StartsWith(":"))
            {
                reading.Declare(line[1..line.IndexOf(' ')].ToString());
            }
            else if (line.StartsWith("-N "))
            {
                reading.Declare(line[3..].ToString());
            }
            else if (line.StartsWith("-A "))
            {
                var rest = line[3..];
                var end = rest.IndexOf(' ');
                reading.Add(rest[..end].ToString(), names.Normalise(rest[(end + 1)..].TrimEnd().ToString()));
            }
        }

        tables[name] = reading.Finish();
        tables.Remove("");
        return tables.ToImmutable();
    }

    /// <summary>Chains in the order in which they were asked for with <see cref="ListText"/>.</summary>
    public IReadOnlyList<Chain> ReadListed(string text)
    {
        const string FrameChain = "Bridge chain: ";
        var chains = new List<(string Name, ImmutableArray<string>.Builder Rules)>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("-N "))
            {
                chains.Add((line[3..].Trim().ToString(), ImmutableArray.CreateBuilder<string>()));
            }
            else if (line.StartsWith(FrameChain))
            {
                chains.Add((line[FrameChain.Length..line.IndexOf(',')].ToString(), ImmutableArray.CreateBuilder<string>()));
            }
            else if (line.StartsWith("-") && chains.Count > 0)
            {
                // ebtables leaves out whose rule it is.
                var (name, rules) = chains[^1];
                var head = $"-A {name} ";
                rules.Add(names.Normalise((line.StartsWith(head) ? line[head.Length..] : line).TrimEnd().ToString()));
            }
        }

        return [.. chains.Select(c => new Chain(c.Name, c.Rules.ToImmutable()))];
    }

    private sealed class Reading
    {
        private readonly Dictionary<string, ImmutableArray<string>.Builder> _chains = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _hooks = new(StringComparer.Ordinal);
        private readonly List<string> _strays = [];

        public void Declare(string chain)
        {
            if (chain.StartsWith(ChainNames.Prefix, StringComparison.Ordinal))
            {
                _chains.TryAdd(chain, ImmutableArray.CreateBuilder<string>());
            }
        }

        public void Add(string chain, string rule)
        {
            if (_chains.TryGetValue(chain, out var rules))
            {
                rules.Add(rule);
                return;
            }

            var place = _rules[chain] = _rules.GetValueOrDefault(chain) + 1;
            if (Target(rule) is not { } target)
            {
                return;
            }

            if (place == 1 && rule == $"-j {target}")
            {
                _hooks.Add(chain, target);
            }
            else
            {
                _strays.Add($"{chain} {rule}");
            }
        }

        public Table Finish() => new(
            _hooks.ToImmutableSortedDictionary(StringComparer.Ordinal),
            _chains.ToDictionary(c => c.Key, c => new Chain(c.Key, c.Value.ToImmutable()), StringComparer.Ordinal))
        {
            Strays = [.. _strays],
        };

        private static string? Target(string rule)
        {
            foreach (var word in (string[])["-j ", "-g "])
            {
                var at = rule.LastIndexOf(word + ChainNames.Prefix, StringComparison.Ordinal);
                if (at == 0 || (at > 0 && rule[at - 1] == ' '))
                {
                    return rule[(at + 3)..].Split(' ')[0];
                }
            }

            return null;
        }
    }
}
