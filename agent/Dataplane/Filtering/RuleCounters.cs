using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Firewall.Rendering;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>
/// Reads what ports' rules counted, beside the reconcile loop: who asks keeps no change waiting. What the kernel has is told only of
/// rules that are there as desired, for by their places nobody could say which rule of another list a number belongs to.
/// </summary>
public sealed class RuleCounters(RunTool run)
{
    private readonly FilterTool _tool = new(run);

    private static (string Tool, TableId Table)[] Families { get; } = [("iptables-save", TableId.Filter4), ("ip6tables-save", TableId.Filter6)];

    /// <summary>With the tools that are installed, in the agent's own network namespace.</summary>
    public static RuleCounters OnThisHost() => new((call, limit) => Linux.Process.Tool.RunAsync(call, limit, CancellationToken.None));

    /// <summary>By NIC id, of those ports that are filtered and asked for counters; one process a family for all of them, none for none.</summary>
    public async Task<IReadOnlyDictionary<string, PortCounts>> ReadAsync(Desired desired, IEnumerable<Port> ports)
    {
        var asked = ports.Where(p => p.Security is { CountsRules: true } && Wanted(desired, TableId.Filter4, 'i', p) is not null).ToArray();
        if (asked.Length == 0)
        {
            return new Dictionary<string, PortCounts>(StringComparer.Ordinal);
        }

        try
        {
            var chains = asked.SelectMany(p => "iouv".Select(letter => ChainNames.Of(letter, p.NicId))).ToArray();
            var texts = await Task.WhenAll(Families.Select(f => _tool.ReadAsync(f.Tool, "-c", "-t", TableText.Name(f.Table)))).ConfigureAwait(false);
            var counts = Families.Zip(texts).ToDictionary(f => f.First.Table, f => SavedCounters.Read(f.Second ?? "", chains));
            return asked.ToDictionary(p => p.NicId, p => Of(desired, p, counts), StringComparer.Ordinal);
        }
        catch (KernelException e)
        {
            return asked.ToDictionary(p => p.NicId, p => new PortCounts([], e.Failure with { Subject = ObjectRef.Port(p.NicId) }), StringComparer.Ordinal);
        }
    }

    private static PortCounts Of(Desired desired, Port port, Dictionary<TableId, IReadOnlyDictionary<string, ChainCounts>> counts)
    {
        var security = port.Security!;
        var found = new List<RuleCount>();
        foreach (var (rules, isIngress) in new[] { (security.Ingress, true), (security.Egress, false) })
        {
            var (policy, limit) = isIngress ? ('i', 'u') : ('o', 'v');
            if (Chains(policy) is not { } asked || (security.ConnectionLimit is null ? [] : Chains(limit)) is not { } limited)
            {
                return new PortCounts([], NotInPlace(port));
            }

            found.AddRange(rules.Select((rule, place) => Told(rule.Id, place, asked.Select(c => c.Of(place)))));
            if (security.ConnectionLimit is not null)
            {
                found.Add(Told(RuleCount.Limit, null, limited.Select(c => c.Rest)));
            }

            if (asked.All(c => c.Seal.EndsWith("-j DROP", StringComparison.Ordinal)))
            {
                found.Add(Told(RuleCount.Drop, null, asked.Select(c => c.Rest)));
            }

            RuleCount Told(string name, int? place, IEnumerable<Count> lines)
            {
                var sum = lines.Aggregate((a, b) => a + b);
                return new RuleCount(name, place, isIngress, sum.Packets, sum.Bytes);
            }
        }

        return new PortCounts(found.ToValueList(), null);

        // Of each family one; null if one is not as desired.
        ChainCounts[]? Chains(char letter)
        {
            var chains = Families.Select(f => (
                Wanted: Wanted(desired, f.Table, letter, port), Actual: counts[f.Table].GetValueOrDefault(ChainNames.Of(letter, port.NicId)))).ToArray();
            return Array.TrueForAll(chains, c => IsThere(c.Wanted, c.Actual)) ? [.. chains.Select(c => c.Actual!)] : null;
        }
    }

    /// <summary>The last rule has a hash of all of them.</summary>
    private static bool IsThere(Chain? wanted, ChainCounts? actual) =>
        wanted is not null && actual is not null && actual.Length == wanted.Rules.Length && actual.Seal == wanted.Rules[^1];

    private static Chain? Wanted(Desired desired, TableId table, char letter, Port port) =>
        desired.Filter?.Tables[table].Chains.GetValueOrDefault(ChainNames.Of(letter, port.NicId));

    private static Failure NotInPlace(Port port) => new()
    {
        Operation = "read counters",
        Subject = ObjectRef.Port(port.NicId),
        Reason = "RULES_NOT_IN_PLACE",
        Message = "the kernel has other rules of this port than those desired, so what they counted cannot be told rule by rule",
        Remedy = "ask again: they are being changed, or are put right; if they stay so, the port's state says why",
        Retryable = true,
    };
}
