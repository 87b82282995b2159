using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>Collects the rules of one chain.</summary>
internal sealed class ChainWriter(string name)
{
    private readonly ImmutableArray<string>.Builder _rules = ImmutableArray.CreateBuilder<string>();

    public string Name { get; } = name;

    public void Add(string rule) => _rules.Add(rule);

    public Chain Finish() => new(Name, _rules.ToImmutable());

    /// <summary>
    /// Ends the chain, and says in its last rule what it is and a hash of all of it: so a look at a chain tells whose it is, and a
    /// comparison whether it is still the one that was written.
    /// </summary>
    public Chain Seal(string owner, string lastRule, string target)
    {
        _rules.Add($"{lastRule}{target}");
        var hash = Chain.HashOf(_rules.ToArray());
        _rules[^1] = $"{lastRule}{Spelling.Comment($"cloudbr:{owner}:{(ulong)(hash >> 64):x16}")} {target}";
        return Finish();
    }
}
