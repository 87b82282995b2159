using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>What a port's security group lets through, in the filter table: one chain for what it sends and one for what it gets.</summary>
internal sealed class PolicyChains(Family family, AddressLists lists, ICollection<Chain> chains)
{
    /// <summary>The parts of a second that the kernel counts connections in.</summary>
    private const int Parts = 1_000_000;

    /// <summary>Without these there is no IPv6 at all: solicitations, advertisements, and who listens to which group.</summary>
    private static readonly int[] NeighbourTypes = [133, 135, 136, 131, 132, 143];

    /// <summary>Without these a path has no MTU.</summary>
    private static readonly int[] ErrorTypes = [1, 2, 3, 4];

    public void WriteEgress(Port port)
    {
        var security = port.Security ?? PortSecurity.Default;
        var chain = new ChainWriter(ChainNames.Of('o', port.NicId), ObjectRef.Port(port.NicId));
        chain.Add("-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN");
        if (family == Family.V4)
        {
            chain.Add("-p udp -m udp --sport 68 --dport 67 -j RETURN");
            AllowVrrp(chain, port, "224.0.0.18/32", "RETURN");
        }
        else
        {
            AllowIcmp(chain, [.. NeighbourTypes, .. ErrorTypes], "RETURN");
            chain.Add("-p udp -m udp --sport 546 --dport 547 -j RETURN");
            AllowVrrp(chain, port, "ff02::12/128", "RETURN");
        }

        Limit(chain, port, security, 'v');
        if (security.AllowsDns != false)
        {
            chain.Add("-p udp -m udp --dport 53 -j RETURN");
            chain.Add("-p tcp -m tcp --dport 53 -j RETURN");
        }

        WriteRules(chain, security.Egress, security.CountsRules, isIngress: false, "RETURN");
        if (security.Egress.Count == 0 && security.EgressDefault == EgressDefault.AllowUntilRule)
        {
            chains.Add(chain.Seal("-j RETURN"));
            return;
        }

        DropLog.Write(chain, port, "egress");
        chains.Add(chain.Seal("-j DROP"));
    }

    public void WriteIngress(Port port)
    {
        var security = port.Security ?? PortSecurity.Default;
        var chain = new ChainWriter(ChainNames.Of('i', port.NicId), ObjectRef.Port(port.NicId));
        chain.Add("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        if (family == Family.V4)
        {
            chain.Add("-p udp -m udp --sport 67 --dport 68 -j ACCEPT");
            AllowVrrp(chain, port, "224.0.0.18/32", "ACCEPT");
        }
        else
        {
            AllowIcmp(chain, [134, 130, .. NeighbourTypes, .. ErrorTypes], "ACCEPT");
            chain.Add("-p udp -m udp --sport 547 --dport 546 -j ACCEPT");
            AllowVrrp(chain, port, "ff02::12/128", "ACCEPT");
        }

        Limit(chain, port, security, 'u');
        WriteRules(chain, security.Ingress, security.CountsRules, isIngress: true, "ACCEPT");
        DropLog.Write(chain, port, "ingress");
        chains.Add(chain.Seal("-j DROP"));
    }

    private static void AllowIcmp(ChainWriter chain, IEnumerable<int> types, string verdict)
    {
        foreach (var type in types)
        {
            chain.Add(string.Create(CultureInfo.InvariantCulture, $"-p ipv6-icmp -m icmp6 --icmpv6-type {type} -j {verdict}"));
        }
    }

    private static void AllowVrrp(ChainWriter chain, Port port, string group, string verdict)
    {
        if (port.AllowedPairs.Any(p => p.AllowsVrrp))
        {
            chain.Add($"-d {group} -p 112 -j {verdict}");
        }
    }

    /// <summary>
    /// Too many new connections are dropped before any rule sees them. The kernel finds a limit by its name and takes the numbers it
    /// had then, so the numbers are part of the name.
    /// </summary>
    private void Limit(ChainWriter chain, Port port, PortSecurity security, char letter)
    {
        if (security.ConnectionLimit is not { } limit)
        {
            return;
        }

        var limited = new ChainWriter(ChainNames.Of(letter, port.NicId), ObjectRef.Port(port.NicId));
        chain.Add($"-m conntrack --ctstate NEW -j {limited.Name}");
        limited.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"-m hashlimit --hashlimit-upto {Spelling.Rate(limit.NewPerSecond, Parts)}/sec --hashlimit-burst {limit.Burst} --hashlimit-name {limited.Name}-{limit.NewPerSecond}-{limit.Burst} -j RETURN"));
        DropLog.Write(limited, port, "limit");
        chains.Add(limited.Seal("-j DROP"));
    }

    private void WriteRules(ChainWriter chain, ValueList<SecurityRule> rules, bool areCounted, bool isIngress, string verdict)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            if (Match(rule) is not { } match)
            {
                continue;
            }

            var remotes = lists.Match(rule.Cidrs, isIngress)
                .Concat(rule.AddressGroups.Select(g => ("", AddressLists.MatchSet(ChainNames.GroupSet(family, g), isIngress))));

            var mark = areCounted ? $"{RuleMark.Write(i)} " : "";
            foreach (var (before, after) in remotes)
            {
                var text = $"{before}{match}{after}{mark}-j {verdict}";
                if (seen.Add(text))
                {
                    chain.Add(text);
                }
            }
        }
    }

    /// <summary>What matches the rule's protocol; null if there is no such thing in this family.</summary>
    private string? Match(SecurityRule rule)
    {
        if (rule.Protocol.Number is not { } number)
        {
            return "";
        }

        if (rule.Protocol == RuleProtocol.Icmp || rule.Protocol == RuleProtocol.IcmpV6)
        {
            var isOurs = (rule.Protocol == RuleProtocol.Icmp) == (family == Family.V4);
            return !isOurs ? null : $"-p {Spelling.Protocol(number)} {MatchIcmp(rule.Icmp)}";
        }

        return $"-p {Spelling.Protocol(number)} {MatchPorts(number, rule.Ports)}";
    }

    private string MatchIcmp(IcmpMatch? icmp) => icmp?.Type is not { } type ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{(family == Family.V4 ? "-m icmp --icmp-type" : "-m icmp6 --icmpv6-type")} {type}{(icmp.Code is { } code ? $"/{code}" : "")} ");

    private static string MatchPorts(byte number, PortRange? ports) => ports is null or { First: 0, Last: 65_535 } ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"-m {Spelling.Protocol(number)} --dport {ports.First}{(ports.Last == ports.First ? "" : $":{ports.Last}")} ");
}
