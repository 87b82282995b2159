using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What may be asked to pass a port.</summary>
public static class SecurityRules
{
    /// <summary>Of one direction.</summary>
    public const int MostRules = 1024;
    public const int MostCidrs = 256;
    public const int MostGroups = 64;

    private const uint MostConnections = 10_000;
    /// <summary>To the packet filter.</summary>
    private const byte AnyIcmpType = 255;

    private const uint MostLogged = 1_000;

    /// <param name="security">What to check.</param>
    /// <param name="path">Of the port that it is of.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void Check(PortSecurity security, FieldPath path, Violations violations)
    {
        var ids = new Dictionary<string, FieldPath>(StringComparer.Ordinal);
        CheckRules(security.Ingress, new FieldPath($"{path}.security.ingress"), ids, violations);
        CheckRules(security.Egress, new FieldPath($"{path}.security.egress"), ids, violations);
        if (security.ConnectionLimit is var (connections, burst))
        {
            violations.CheckRange(connections, 1, MostConnections, path, "security.connection_limit.new_per_second");
            if (burst != connections)
            {
                violations.CheckRange(burst, 1, MostConnections, path, "security.connection_limit.burst");
            }
        }

        if (security.DropLogging is var (group, packets))
        {
            violations.CheckRange(group, 0, 65_535, path, "security.drop_logging.nflog_group");
            violations.CheckRange(packets, 1, MostLogged, path, "security.drop_logging.packets_per_second");
        }
    }

    private static void CheckRules(ValueList<SecurityRule> rules, FieldPath list, Dictionary<string, FieldPath> ids, Violations violations)
    {
        if (rules.Count > MostRules)
        {
            violations.Add(list.Name, $"{rules.Count} rules are more than {MostRules}");
            return;
        }

        for (var i = 0; i < rules.Count; i++)
        {
            var (rule, here) = (rules[i], list with { Index = i });
            Check(rule, here, violations);
            if (rule.Id.Length > 0 && !ids.TryAdd(rule.Id, here))
            {
                violations.Add($"{here}.id", $"{rule.Id} is also {ids[rule.Id]}.id");
            }
        }
    }

    private static void Check(SecurityRule rule, FieldPath path, Violations violations)
    {
        violations.CheckOptionalId(rule.Id, path, "id");
        if (rule.Ports is { } ports)
        {
            CheckPorts(ports, rule.Protocol, path, violations);
        }

        if (rule.Icmp is { } icmp)
        {
            CheckIcmp(icmp, rule.Protocol, path, violations);
        }

        if (rule.Cidrs.Count == 0 && rule.AddressGroups.Count == 0)
        {
            violations.Add($"{path}.cidrs", "is required, or address_groups: say who, 0.0.0.0/0 and ::/0 for everybody");
        }

        violations.CheckPrefixes(rule.Cidrs.AsSpan(), MostCidrs, path, "cidrs");
        CheckFamilies(rule, path, violations);
        if (rule.AddressGroups.Count > MostGroups)
        {
            violations.Add($"{path}.address_groups", $"{rule.AddressGroups.Count} are more than {MostGroups}");
        }
    }

    private static void CheckPorts(PortRange ports, RuleProtocol protocol, FieldPath path, Violations violations)
    {
        if (!protocol.HasPorts)
        {
            violations.Add($"{path}.ports", "is only for TCP, UDP and SCTP");
            return;
        }

        violations.CheckRange(ports.First, 0, 65_535, path, "ports.first");
        violations.CheckRange(ports.Last, 0, 65_535, path, "ports.last");
        if ((uint)ports.Last < (uint)ports.First)
        {
            violations.Add($"{path}.ports.last", $"{RangeRules.Text(ports.Last)} is less than first, which is {RangeRules.Text(ports.First)}");
        }
    }

    private static void CheckIcmp(IcmpMatch icmp, RuleProtocol protocol, FieldPath path, Violations violations)
    {
        if (protocol != RuleProtocol.Icmp && protocol != RuleProtocol.IcmpV6)
        {
            violations.Add($"{path}.icmp", "is only for ICMP and ICMPV6");
        }
        else if (icmp is { Type: null, Code: not null })
        {
            violations.Add($"{path}.icmp.code", "goes with a type");
        }
        else if (protocol == RuleProtocol.Icmp && icmp.Type == AnyIcmpType)
        {
            violations.Add($"{path}.icmp.type", "is 255, which is reserved and would let all types through: leave it out for all of them");
        }
    }

    /// <summary>ICMP has another number in each family, and another meaning.</summary>
    private static void CheckFamilies(SecurityRule rule, FieldPath path, Violations violations)
    {
        if ((rule.Protocol != RuleProtocol.Icmp && rule.Protocol != RuleProtocol.IcmpV6) || rule.Cidrs.Count > MostCidrs)
        {
            return;
        }

        var isIpv4 = rule.Protocol == RuleProtocol.Icmp;
        for (var i = 0; i < rule.Cidrs.Count; i++)
        {
            if (rule.Cidrs[i].IsIpv4 != isIpv4)
            {
                violations.Add(
                    $"{path}.cidrs[{i}]",
                    $"{rule.Cidrs[i]} is {AddressRules.Family(rule.Cidrs[i].Address)}, and {(isIpv4 ? "ICMP is IPv4's; IPv6 has ICMPV6" : "ICMPV6 is IPv6's; IPv4 has ICMP")}");
            }
        }
    }
}
