using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>
/// Without connection tracking nobody knows a reply from what nobody asked for, so only a port that may get and send everything can do
/// without. IPv6 always counts, for the link-local address is always allowed; IPv4 if the port has any of it.
/// </summary>
internal static class UntrackedRules
{
    private const string Field = "security.no_connection_tracking";

    private static readonly bool[] Both = [true, false];
    private static readonly bool[] OnlyIpv6 = [false];

    public static void Check(Port port, PortSecurity security, FieldPath path, Violations violations)
    {
        if (!security.IsUntracked)
        {
            return;
        }

        if (security.ConnectionLimit is not null)
        {
            violations.Add($"{path}.{Field}", "goes without connection_limit, which counts tracked connections");
        }

        var closed = new List<string>();
        foreach (var isIpv4 in HasIpv4(port) ? Both : OnlyIpv6)
        {
            Note("ingress", security.Ingress, isIpv4);
            if (security is not { Egress.Count: 0, EgressDefault: EgressDefault.AllowUntilRule })
            {
                Note("egress", security.Egress, isIpv4);
            }
        }

        if (closed.Count > 0)
        {
            violations.Add($"{path}.{Field}", $"is refused unless everything is allowed, and {string.Join(", ", closed)} is not");
        }

        void Note(string direction, ValueList<SecurityRule> rules, bool isIpv4)
        {
            if (!AllowsAll(rules, isIpv4))
            {
                closed.Add($"{direction} of {(isIpv4 ? "0.0.0.0/0" : "::/0")}");
            }
        }
    }

    private static bool HasIpv4(Port port)
    {
        foreach (var address in port.Addresses)
        {
            if (address.IsIpv4)
            {
                return true;
            }
        }

        return port.AllowedPairs.Any(p => p.Addresses.Any(a => a.IsIpv4));
    }

    private static bool AllowsAll(ValueList<SecurityRule> rules, bool isIpv4)
    {
        foreach (var rule in rules)
        {
            if (rule.Protocol == RuleProtocol.All && rule.Cidrs.Any(c => c.Length == 0 && c.IsIpv4 == isIpv4))
            {
                return true;
            }
        }

        return false;
    }
}
