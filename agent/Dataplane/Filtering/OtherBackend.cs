using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>
/// Looks for rules where the tools that the agent uses do not see them: in the legacy tables while iptables writes to nf_tables, or the
/// other way round. A packet has to pass both.
/// </summary>
/// <param name="run">Starts a tool.</param>
/// <param name="tools">Which backend each of this host's tools writes to.</param>
/// <param name="legacyTables">Which legacy tables there are; whether of IPv6.</param>
/// <param name="time">The clock.</param>
public sealed class OtherBackend(RunTool run, IReadOnlyList<FirewallTool> tools, Func<bool, IReadOnlyList<string>> legacyTables, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Starts no process for a family that has no legacy tables while iptables is not legacy itself.</summary>
    public IEnumerable<Finding> Find()
    {
        foreach (var tool in tools.Where(t => t.Name is "iptables" or "ip6tables"))
        {
            var found = tool.Backend switch
            {
                FirewallBackend.Nft => Save($"{tool.Name}-legacy-save", [.. legacyTables(tool.Name == "ip6tables").Select(t => (string[])["-t", t])]),
                FirewallBackend.Legacy => Save($"{tool.Name}-nft-save", [[]]),
                _ => [],
            };
            if (found.Count > 0)
            {
                yield return Describe(tool, found);
            }
        }
    }

    /// <summary>One run for each of these arguments. Where the tool is not installed, or cannot read, nothing is known of such rules.</summary>
    private List<SavedRules> Save(string tool, string[][] arguments)
    {
        var found = new List<SavedRules>();
        foreach (var one in arguments)
        {
            try
            {
                var result = run(new ToolCall(tool, one), Limit).GetAwaiter().GetResult();
                found.AddRange(result.ExitCode == 0 ? SavedRules.Read(result.Output) : []);
            }
            catch (ToolException)
            {
                break;
            }
        }

        return found;
    }

    private Finding Describe(FirewallTool tool, List<SavedRules> found)
    {
        var now = time.GetUtcNow();
        var (used, other) = tool.Backend == FirewallBackend.Nft ? ("nf_tables", "legacy") : ("the legacy tables", "nft");
        var count = found.Sum(t => t.Rules);
        return new Finding
        {
            Code = "OTHER_FIREWALL_BACKEND",
            Subject = new ObjectRef(ObjectKind.Host, Name: tool.Name),
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{tool.Name} writes to {used} here, and there {(count == 1 ? "is 1 rule" : $"are {count} rules")} that only {tool.Name}-{other} shows: a packet has to pass both, and the agent sees only its own"),
            Evidence = [.. found.Select(t => new Evidence($"{tool.Name}-{other}-save", t.ToString(), now))],
            Remedy = $"have one backend for all: move those rules (`{tool.Name}-{other}-save`), then remove them there (`{tool.Name}-{other} -F`), or choose "
                + $"the other one for the whole host (`update-alternatives --config {tool.Name}`) and restart the agent",
            FirstSeen = now,
            LastSeen = now,
        };
    }
}
