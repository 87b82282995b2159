using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>What the host's packet filter lacks of what is wanted of it, and what is in its way.</summary>
/// <param name="designer">Knows what it does without.</param>
/// <param name="otherBackend">Looks for rules that the agent's tools do not see.</param>
/// <param name="time">The clock.</param>
public sealed class FilterProblems(FilterDesigner designer, OtherBackend otherBackend, TimeProvider time)
{
    public IReadOnlyList<Finding> Find(FilterUse use) =>
        [.. use.NeedsZones && !designer.HasZones ? [NoZones()] : (Finding[])[], .. use.IsUsed ? otherBackend.Find() : []];

    private Finding NoZones()
    {
        var now = time.GetUtcNow();
        return new Finding
        {
            Code = "NO_CONNTRACK_ZONES",
            Subject = ObjectRef.Host,
            Message = "this kernel has no connection tracking zones: connections of all networks share one table, so where two networks have the same "
                + "addresses a packet of one can pass as part of a connection of the other",
            Evidence = [new Evidence("iptables-restore", "a rule with \"-j CT --zone 1\" was refused, and one with \"-j CT --notrack\" was not", now)],
            Remedy = "run a kernel with CONFIG_NF_CONNTRACK_ZONES, or give networks with security groups on this host addresses that differ",
            FirstSeen = now,
            LastSeen = now,
        };
    }
}
