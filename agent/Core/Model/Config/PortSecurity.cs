namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>What may pass a port besides what anti-spoofing forbids. Replies to what was allowed always pass.</summary>
public sealed record PortSecurity
{
    /// <summary>What a port has that says nothing: no ingress, all egress.</summary>
    public static readonly PortSecurity Default = new();

    /// <summary>What may reach the guest; none: nothing.</summary>
    public ValueList<SecurityRule> Ingress { get; init; }

    /// <summary>What the guest may send; none: as <see cref="EgressDefault"/> says.</summary>
    public ValueList<SecurityRule> Egress { get; init; }

    public EgressDefault EgressDefault { get; init; }

    /// <summary>Whether DNS to anywhere passes whatever the egress rules say; null: yes.</summary>
    public bool? AllowsDns { get; init; }

    public ConnectionLimit? ConnectionLimit { get; init; }

    public DropLogging? DropLogging { get; init; }

    /// <summary>Only where ingress and egress allow everything.</summary>
    public bool IsUntracked { get; init; }

    public bool CountsRules { get; init; }
}

/// <summary>What happens to egress that no rule speaks of.</summary>
public enum EgressDefault
{
    /// <summary>Everything passes as long as there is no egress rule.</summary>
    AllowUntilRule,

    Deny,
}

/// <summary>One thing that may pass. Rules only allow, so their order means nothing.</summary>
public sealed record SecurityRule
{
    /// <summary>A name for its counter; empty if nobody asks for it by name.</summary>
    public string Id { get; init; } = "";

    public required RuleProtocol Protocol { get; init; }

    /// <summary>Null: all. Only for TCP, UDP and SCTP.</summary>
    public PortRange? Ports { get; init; }

    /// <summary>Null: all. Only for ICMP and ICMPv6.</summary>
    public IcmpMatch? Icmp { get; init; }

    /// <summary>Remote addresses, without host bits.</summary>
    public ValueList<IpPrefix> Cidrs { get; init; }

    /// <summary>Remote addresses by the names of <see cref="AddressGroup"/>s.</summary>
    public ValueList<string> AddressGroups { get; init; }
}

/// <summary>An IP protocol, or all of them.</summary>
public readonly record struct RuleProtocol(byte? Number)
{
    public static readonly RuleProtocol All = new(null);
    public static readonly RuleProtocol Icmp = new(1);
    public static readonly RuleProtocol Tcp = new(6);
    public static readonly RuleProtocol Udp = new(17);
    public static readonly RuleProtocol Gre = new(47);
    public static readonly RuleProtocol Esp = new(50);
    public static readonly RuleProtocol IcmpV6 = new(58);
    public static readonly RuleProtocol Sctp = new(132);

    /// <summary>Whether it has ports.</summary>
    public bool HasPorts => this == Tcp || this == Udp || this == Sctp;
}

/// <summary>Both ends included.</summary>
public sealed record PortRange(int First, int Last);

/// <param name="Type">Null: all types.</param>
/// <param name="Code">Null: all codes of the type.</param>
public sealed record IcmpMatch(byte? Type, byte? Code);

/// <param name="NewPerSecond">New connections a second, per port and direction.</param>
/// <param name="Burst">How many may come at once.</param>
public sealed record ConnectionLimit(int NewPerSecond, int Burst);

/// <param name="Group">The NFLOG group that a collector listens to.</param>
/// <param name="PacketsPerSecond">At most so many are logged.</param>
public sealed record DropLogging(int Group, int PacketsPerSecond);

/// <summary>Addresses by a name, shared by the rules of many ports; changing it changes no port.</summary>
public sealed record AddressGroup(string Name, ValueList<IpPrefix> Members);
