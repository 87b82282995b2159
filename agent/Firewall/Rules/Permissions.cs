using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rules;

/// <summary>
/// What a port's security group says of a connection, asked when a rule went away: the rules themselves only see packets, and let pass
/// whatever belongs to a connection that once was allowed.
/// </summary>
public static class Permissions
{
    private const int DnsPort = 53;

    /// <summary>Whether the port may begin it, or be begun with.</summary>
    public static bool Allows(Port port, ImmutableDictionary<string, AddressGroup> groups, Connection connection, bool isIngress)
    {
        if (port.IsTrusted)
        {
            return true;
        }

        var security = port.Security ?? PortSecurity.Default;
        if (!isIngress
            && ((security is { EgressDefault: EgressDefault.AllowUntilRule, Egress.Count: 0 }) || IsAlwaysAllowed(security, connection)))
        {
            return true;
        }

        var remote = isIngress ? connection.Source : connection.Destination;
        foreach (var rule in isIngress ? security.Ingress : security.Egress)
        {
            if (MatchesProtocol(rule, connection) && MatchesAddress(rule, groups, remote))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAlwaysAllowed(PortSecurity security, Connection connection) =>
        security.AllowsDns != false && connection.DestinationPort == DnsPort
        && (connection.Protocol == RuleProtocol.Udp.Number || connection.Protocol == RuleProtocol.Tcp.Number);

    private static bool MatchesProtocol(SecurityRule rule, Connection connection) =>
        rule.Protocol.Number is not { } number
        || (number == connection.Protocol
            && (rule.Ports is not { } ports || (connection.DestinationPort >= ports.First && connection.DestinationPort <= ports.Last))
            && (rule.Icmp?.Type is not { } type || (type == connection.IcmpType && (rule.Icmp.Code is not { } code || code == connection.IcmpCode))));

    private static bool MatchesAddress(SecurityRule rule, ImmutableDictionary<string, AddressGroup> groups, IPAddress remote)
    {
        foreach (var cidr in rule.Cidrs)
        {
            if (cidr.Contains(remote))
            {
                return true;
            }
        }

        foreach (var name in rule.AddressGroups)
        {
            foreach (var member in groups.GetValueOrDefault(name)?.Members ?? default)
            {
                if (member.Contains(remote))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
