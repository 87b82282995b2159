using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;
using Google.Protobuf.Collections;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>What may pass a port.</summary>
internal static class SecurityMapping
{
    private const int DefaultLogged = 10;

    private static readonly IpPrefix AllIpv4 = new(IPAddress.Any, 0);
    private static readonly IpPrefix AllIpv6 = new(IPAddress.IPv6Any, 0);

    /// <param name="security">What to read.</param>
    /// <param name="path">Of the port.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static PortSecurity? ToModel(V1.PortSecurity? security, FieldPath path, RequestErrors errors) => security is null ? null : new()
    {
        Ingress = ToRules(security.Ingress, path, "ingress", errors),
        Egress = ToRules(security.Egress, path, "egress", errors),
        EgressDefault = security.EgressDefault switch
        {
            V1.EgressDefault.Unspecified or V1.EgressDefault.AllowUntilRule => EgressDefault.AllowUntilRule,
            V1.EgressDefault.Deny => EgressDefault.Deny,
            var other => errors.UnknownValue(
                (int)other, nameof(EgressDefault), new FieldPath($"{path}.security.egress_default"), EgressDefault.AllowUntilRule),
        },
        AllowsDns = security.HasAllowDns ? security.AllowDns : null,
        ConnectionLimit = security.ConnectionLimit is { } limit
            ? new ConnectionLimit(Numbers.ToModel(limit.NewPerSecond), Numbers.Chosen(limit.Burst) ?? Numbers.ToModel(limit.NewPerSecond))
            : null,
        DropLogging = security.DropLogging is { } logging
            ? new DropLogging(Numbers.ToModel(logging.NflogGroup), Numbers.Chosen(logging.PacketsPerSecond) ?? DefaultLogged)
            : null,
        IsUntracked = security.NoConnectionTracking,
        CountsRules = security.RuleCounters,
    };

    public static V1.PortSecurity? ToMessage(PortSecurity? security)
    {
        if (security is null)
        {
            return null;
        }

        var message = new V1.PortSecurity
        {
            EgressDefault = security.EgressDefault == EgressDefault.Deny ? V1.EgressDefault.Deny : V1.EgressDefault.AllowUntilRule,
            ConnectionLimit = security.ConnectionLimit is var (connections, burst)
                ? new V1.ConnectionLimit { NewPerSecond = (uint)connections, Burst = (uint)burst }
                : null,
            DropLogging = security.DropLogging is var (group, packets)
                ? new V1.DropLogging { NflogGroup = (uint)group, PacketsPerSecond = (uint)packets }
                : null,
            NoConnectionTracking = security.IsUntracked,
            RuleCounters = security.CountsRules,
        };
        if (security.AllowsDns is { } dns)
        {
            message.AllowDns = dns;
        }

        foreach (var rule in security.Ingress)
        {
            message.Ingress.Add(ToMessage(rule));
        }

        foreach (var rule in security.Egress)
        {
            message.Egress.Add(ToMessage(rule));
        }

        return message;
    }

    private static ValueList<SecurityRule> ToRules(RepeatedField<V1.SecurityRule> rules, FieldPath path, string direction, RequestErrors errors)
    {
        if (rules.Count == 0)
        {
            return default;
        }

        var list = new FieldPath($"{path}.security.{direction}");
        var models = ImmutableArray.CreateBuilder<SecurityRule>(rules.Count);
        for (var i = 0; i < rules.Count; i++)
        {
            models.Add(ToModel(rules[i], list with { Index = i }, errors));
        }

        return new ValueList<SecurityRule>(models.MoveToImmutable());
    }

    private static SecurityRule ToModel(V1.SecurityRule rule, FieldPath path, RequestErrors errors)
    {
        var protocol = ToProtocol(rule, path, errors);
        return new SecurityRule
        {
            Id = rule.Id,
            Protocol = protocol ?? RuleProtocol.All,

            // Whether they go with a protocol that could not be read nobody knows.
            Ports = protocol is not null && rule.Ports is { } ports ? new PortRange(Numbers.ToModel(ports.First), Numbers.ToModel(ports.Last)) : null,
            Icmp = ToIcmp(rule.Icmp, path, errors) is { } icmp && protocol is not null ? icmp : null,
            Cidrs = ToCidrs(rule.Cidrs, protocol == RuleProtocol.IcmpV6 ? AllIpv6 : AllIpv4, path, errors),
            AddressGroups = rule.AddressGroups.Count == 0 ? default : rule.AddressGroups.ToValueList(),
        };
    }

    private static RuleProtocol? ToProtocol(V1.SecurityRule rule, FieldPath path, RequestErrors errors)
    {
        if (rule.Protocol == V1.RuleProtocol.Number)
        {
            // 0 is a header of IPv6's and no protocol; to the packet filter it means all of them.
            if (rule.ProtocolNumber is > 0 and <= byte.MaxValue)
            {
                return new RuleProtocol((byte)rule.ProtocolNumber);
            }

            errors.Wrong.Add($"{path}.protocol_number", $"{rule.ProtocolNumber} is not between 1 and 255");
            return null;
        }

        if (rule.ProtocolNumber != 0)
        {
            errors.Wrong.Add($"{path}.protocol_number", "is only for protocol NUMBER");
        }

        return rule.Protocol switch
        {
            V1.RuleProtocol.All => RuleProtocol.All,
            V1.RuleProtocol.Tcp => RuleProtocol.Tcp,
            V1.RuleProtocol.Udp => RuleProtocol.Udp,
            V1.RuleProtocol.Icmp => RuleProtocol.Icmp,
            V1.RuleProtocol.Icmpv6 => RuleProtocol.IcmpV6,
            V1.RuleProtocol.Sctp => RuleProtocol.Sctp,
            V1.RuleProtocol.Gre => RuleProtocol.Gre,
            V1.RuleProtocol.Esp => RuleProtocol.Esp,
            var other => errors.UnknownValue<RuleProtocol?>((int)other, nameof(RuleProtocol), new FieldPath($"{path}.protocol"), null),
        };
    }

    private static IcmpMatch? ToIcmp(V1.IcmpMatch? icmp, FieldPath path, RequestErrors errors)
    {
        return icmp is null ? null : new IcmpMatch(
            icmp.HasType ? ToByte(icmp.Type, "type") : null,
            icmp.HasCode ? ToByte(icmp.Code, "code") : null);

        byte ToByte(uint number, string field)
        {
            if (number > byte.MaxValue)
            {
                errors.Wrong.Add($"{path}.icmp.{field}", NoByte(number));
            }

            return (byte)number;
        }
    }

    /// <param name="texts">What to read.</param>
    /// <param name="placeholder">Stands where one cannot be read, for no address at all would be another fault.</param>
    /// <param name="path">Of the rule.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    private static ValueList<IpPrefix> ToCidrs(RepeatedField<string> texts, IpPrefix placeholder, FieldPath path, RequestErrors errors)
    {
        if (texts.Count == 0)
        {
            return default;
        }

        var prefixes = ImmutableArray.CreateBuilder<IpPrefix>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            prefixes.Add(errors.SharedPrefix(texts[i], path, "cidrs", i) ?? placeholder);
        }

        return new ValueList<IpPrefix>(prefixes.MoveToImmutable());
    }

    private static string NoByte(uint number) => $"{number} is not between 0 and 255";

    private static V1.SecurityRule ToMessage(SecurityRule rule)
    {
        var message = new V1.SecurityRule
        {
            Id = rule.Id,
            Protocol = ToMessage(rule.Protocol),
            Ports = rule.Ports is var (first, last) ? new V1.PortRange { First = (uint)first, Last = (uint)last } : null,
        };
        if (message.Protocol == V1.RuleProtocol.Number)
        {
            message.ProtocolNumber = rule.Protocol.Number!.Value;
        }

        if (rule.Icmp is var (type, code))
        {
            message.Icmp = new V1.IcmpMatch();
            if (type is { } t)
            {
                message.Icmp.Type = t;
            }

            if (code is { } c)
            {
                message.Icmp.Code = c;
            }
        }

        PrefixMapping.Add(rule.Cidrs, message.Cidrs);
        foreach (var name in rule.AddressGroups)
        {
            message.AddressGroups.Add(name);
        }

        return message;
    }

    private static V1.RuleProtocol ToMessage(RuleProtocol protocol) => protocol.Number switch
    {
        null => V1.RuleProtocol.All,
        6 => V1.RuleProtocol.Tcp,
        17 => V1.RuleProtocol.Udp,
        1 => V1.RuleProtocol.Icmp,
        58 => V1.RuleProtocol.Icmpv6,
        132 => V1.RuleProtocol.Sctp,
        47 => V1.RuleProtocol.Gre,
        50 => V1.RuleProtocol.Esp,
        _ => V1.RuleProtocol.Number,
    };
}
