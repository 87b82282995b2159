using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>Collects the rules of one chain.</summary>
internal sealed class ChainWriter(string name, ObjectRef owner)
{
    private readonly ImmutableArray<string>.Builder _rules = ImmutableArray.CreateBuilder<string>();

    public string Name { get; } = name;

    public void Add(string rule) => _rules.Add(rule);

    public ObjectRef Owner => owner;

    public Chain Finish() => new(Name, _rules.ToImmutable()) { Owner = owner };

    /// <summary>
    /// Ends the chain, and says in its last rule what it is and a hash of all of it: so a look at a chain tells whose it is, and a
    /// comparison whether it is still the one that was written.
    /// </summary>
    public Chain Seal(string target)
    {
        _rules.Add(target);
        var hash = Chain.HashOf(_rules.ToArray());
        _rules[^1] = $"{Spelling.Comment($"cloudbr:{(owner.Id.Length > 0 ? owner.Id : "host")}:{(ulong)(hash >> 64):x16}")} {target}";
        return Finish();
    }
}
