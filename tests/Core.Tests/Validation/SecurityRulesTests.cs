using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>What may be asked to pass a port, and the groups of addresses that rules name.</summary>
internal sealed class SecurityRulesTests
{
    private static readonly SecurityRule Tcp = Rule(RuleProtocol.Tcp, "0.0.0.0/0") with { Ports = new PortRange(80, 90) };

    private static IEnumerable<TestCaseData> Good { get; } = Named(
        ("nothing", new PortSecurity()),
        ("web", In(Tcp)),
        ("all ports", In(Tcp with { Ports = null })),
        ("least and most port", In(Tcp with { Ports = new PortRange(0, 65_535) })),
        ("one port", In(Tcp with { Ports = new PortRange(22, 22) })),
        ("UDP and SCTP", In(Tcp with { Protocol = RuleProtocol.Udp }, Tcp with { Protocol = RuleProtocol.Sctp })),
        ("both families", In(Rule(RuleProtocol.Tcp, "10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "::/0"))),
        ("echo requests", In(Rule(RuleProtocol.Icmp, "0.0.0.0/0") with { Icmp = new IcmpMatch(8, 0) }, Rule(RuleProtocol.IcmpV6, "::/0") with { Icmp = new IcmpMatch(128, null) })),
        ("ICMPv6 type 255", In(Rule(RuleProtocol.IcmpV6, "::/0") with { Icmp = new IcmpMatch(255, null) })),
        ("all ICMP", In(Rule(RuleProtocol.Icmp, "10.0.0.0/8") with { Icmp = new IcmpMatch(null, null) })),
        ("ICMP from a group of both families", In(Rule(RuleProtocol.IcmpV6) with { AddressGroups = ["sg-7"] })),
        ("OSPF, GRE, ESP and number 0", In([.. new byte[] { 89, 47, 50, 0, 255 }.Select(n => Rule(new RuleProtocol(n), "10.0.0.0/8"))])),
        ("multicast from the guest", Out(Rule(RuleProtocol.Udp, "224.0.0.0/4", "ff00::/8"))),
        ("ids", In(Tcp with { Id = "web" }, Tcp with { Id = "ssh-2" }, Tcp, Tcp)),
        ("most rules", new PortSecurity { Ingress = Many(1024), Egress = Many(1024) }),
        ("most CIDRs", In(Tcp with { Cidrs = Prefixes(256) })),
        ("most groups", In(Tcp with { AddressGroups = Enumerable.Range(0, 64).Select(i => $"g{i}").ToValueList() })),
        ("fewest connections", new PortSecurity { ConnectionLimit = new ConnectionLimit(1, 1) }),
        ("most connections", new PortSecurity { ConnectionLimit = new ConnectionLimit(10_000, 10_000) }),
        ("logging", new PortSecurity { DropLogging = new DropLogging(0, 1) }),
        ("much logging", new PortSecurity { DropLogging = new DropLogging(65_535, 1_000) }));

    private static IEnumerable<TestCaseData> Bad { get; } = Named(
        ("port 65536", In(Tcp with { Ports = new PortRange(0, 65_536) }), "ingress[0].ports.last: 65536 is not between 0 and 65535"),
        ("first port past an int", In(Tcp with { Ports = new PortRange(-1, -1) }), "ingress[0].ports.first: 4294967295 is not between 0 and 65535|ingress[0].ports.last: 4294967295 is not between 0 and 65535"),
        ("reversed range", Out(Tcp with { Ports = new PortRange(90, 80) }), "egress[0].ports.last: 80 is less than first, which is 90"),
        ("ports of all protocols", In(Tcp with { Protocol = RuleProtocol.All }), "ingress[0].ports: is only for TCP, UDP and SCTP"),
        ("ports of ICMP", In(Tcp with { Protocol = RuleProtocol.Icmp }), "ingress[0].ports: is only for TCP, UDP and SCTP"),
        ("ports of OSPF", In(Tcp with { Protocol = new RuleProtocol(89) }), "ingress[0].ports: is only for TCP, UDP and SCTP"),
        ("ICMP type of TCP", In(Tcp with { Icmp = new IcmpMatch(8, null) }), "ingress[0].icmp: is only for ICMP and ICMPV6"),
        ("code without type", In(Rule(RuleProtocol.Icmp, "10.0.0.0/8") with { Icmp = new IcmpMatch(null, 0) }), "ingress[0].icmp.code: goes with a type"),
        ("nobody", In(Tcp, Rule(RuleProtocol.Tcp)), "ingress[1].cidrs: is required, or address_groups: say who, 0.0.0.0/0 and ::/0 for everybody"),
        ("host bits", In(Rule(RuleProtocol.Tcp, "10.0.0.0/8", "10.0.0.1/8")), "ingress[0].cidrs[1]: 10.0.0.1/8 has host bits: name the network, or a single address without a length"),
        ("mapped", In(Rule(RuleProtocol.Tcp, "::ffff:0:0/96")), "ingress[0].cidrs[0]: ::ffff:0:0/96 is an IPv4 address written as an IPv6 one; write it as IPv4"),
        ("ICMP type 255", In(Rule(RuleProtocol.Icmp, "10.0.0.0/8") with { Icmp = new IcmpMatch(255, 3) }), "ingress[0].icmp.type: is 255, which is reserved and would let all types through: leave it out for all of them"),
        ("ICMP of IPv6", Out(Rule(RuleProtocol.Icmp, "0.0.0.0/0", "::/0")), "egress[0].cidrs[1]: ::/0 is IPv6, and ICMP is IPv4's; IPv6 has ICMPV6"),
        ("ICMPv6 of IPv4", In(Rule(RuleProtocol.IcmpV6, "10.0.0.0/8")), "ingress[0].cidrs[0]: 10.0.0.0/8 is IPv4, and ICMPV6 is IPv6's; IPv4 has ICMP"),
        ("id of two lines", In(Tcp with { Id = "a\nb" }), "ingress[0].id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id with a quote", In(Tcp with { Id = "a\"" }), "ingress[0].id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id twice", new PortSecurity { Ingress = [Tcp, Tcp with { Id = "web" }], Egress = [Tcp with { Id = "web" }] }, "egress[0].id: web is also port.security.ingress[1].id"),
        ("257 CIDRs", In(Tcp with { Cidrs = Prefixes(257) }), "ingress[0].cidrs: 257 are more than 256"),
        ("257 CIDRs for ICMP", In(Rule(RuleProtocol.IcmpV6) with { Cidrs = Prefixes(257) }), "ingress[0].cidrs: 257 are more than 256"),
        ("65 groups", In(Tcp with { AddressGroups = Enumerable.Range(0, 65).Select(i => $"g{i}").ToValueList() }), "ingress[0].address_groups: 65 are more than 64"),
        ("10,000 rules", new PortSecurity { Ingress = Many(10_000), Egress = Many(1025) }, "ingress: 10000 rules are more than 1024|egress: 1025 rules are more than 1024"),
        ("no connections", new PortSecurity { ConnectionLimit = new ConnectionLimit(0, 0) }, "connection_limit.new_per_second: 0 is not between 1 and 10000"),
        ("many at once", new PortSecurity { ConnectionLimit = new ConnectionLimit(1, 10_001) }, "connection_limit.burst: 10001 is not between 1 and 10000"),
        ("log group", new PortSecurity { DropLogging = new DropLogging(65_536, 1) }, "drop_logging.nflog_group: 65536 is not between 0 and 65535"),
        ("much logging", new PortSecurity { DropLogging = new DropLogging(0, 1_001) }, "drop_logging.packets_per_second: 1001 is not between 1 and 1000"));

    [TestCaseSource(nameof(Good))]
    public void Check_Sound_FindsNothing(PortSecurity security) => Assert.That(Check(security), Is.Empty);

    [TestCaseSource(nameof(Bad))]
    public void Check_Unsound_SaysWhereAndWhy(PortSecurity security, string expected) =>
        Assert.That(Check(security), Is.EqualTo(expected.Split('|').Select(e => $"port.security.{e}")));

    /// <summary>What is told is no longer than what was asked.</summary>
    [Test]
    public void Check_EveryRuleAtFault_TellsOfEachOnce() =>
        Assert.That(Check(new PortSecurity { Ingress = Enumerable.Repeat(Rule(RuleProtocol.Tcp), 1024).ToValueList() }), Has.Count.EqualTo(1024));

    private static readonly SecurityRule Everything = Rule(RuleProtocol.All, "0.0.0.0/0", "::/0");

    private static IEnumerable<TestCaseData> Untracked { get; } =
    [
        new("10.1.1.5", In(Everything), ""),
        new("fd00::5", In(Everything), ""),
        new("10.1.1.5", new PortSecurity { Ingress = [Everything], Egress = [Everything], EgressDefault = EgressDefault.Deny }, ""),
        new("10.1.1.5", In(Tcp, Rule(RuleProtocol.All, "::/0"), Rule(RuleProtocol.All, "0.0.0.0/0")), ""),
        new("fd00::5", In(Rule(RuleProtocol.All, "::/0")), ""),
        new("", In(Rule(RuleProtocol.All, "::/0")), ""),
        new("10.1.1.5", In(Rule(RuleProtocol.All, "::/0")), "ingress of 0.0.0.0/0"),
        new("10.1.1.5", In(Rule(RuleProtocol.All, "0.0.0.0/0")), "ingress of ::/0"),
        new("10.1.1.5", In(), "ingress of 0.0.0.0/0, ingress of ::/0"),
        new("10.1.1.5", In(Everything with { Protocol = RuleProtocol.Tcp }), "ingress of 0.0.0.0/0, ingress of ::/0"),
        new("fd00::5", In(Rule(RuleProtocol.All, "0.0.0.0/0", "::/1")), "ingress of ::/0"),
        new("fd00::5", In(Everything) with { EgressDefault = EgressDefault.Deny }, "egress of ::/0"),
        new("10.1.1.5", In(Everything) with { Egress = [Rule(RuleProtocol.All, "10.0.0.0/8", "::/0")] }, "egress of 0.0.0.0/0"),
    ];

    [TestCaseSource(nameof(Untracked))]
    public void NoConnectionTracking_OnlyWhereEverythingIsAllowed(string address, PortSecurity security, string closed) => Assert.That(
        CheckUntracked(address, security),
        Is.EqualTo(closed.Length == 0 ? [] : new[] { $"port.security.no_connection_tracking: is refused unless everything is allowed, and {closed} is not" }));

    [Test]
    public void NoConnectionTracking_AddressOfAPairOnly_CountsItsFamily() => Assert.That(
        Found.By(v => PortRules.Check(
            Port("fd00::5", In(Rule(RuleProtocol.All, "::/0"))) with { AllowedPairs = [new AllowedPair(null, [IpPrefix.Parse("10.1.1.1")], false)] },
            new FieldPath("port"),
            v)),
        Is.EqualTo(new[] { "port.security.no_connection_tracking: is refused unless everything is allowed, and ingress of 0.0.0.0/0 is not" }));

    [Test]
    public void NoConnectionTracking_WithAConnectionLimit_IsFound() => Assert.That(
        CheckUntracked("10.1.1.5", In(Everything) with { ConnectionLimit = new ConnectionLimit(5, 5) }),
        Is.EqualTo(new[] { "port.security.no_connection_tracking: goes without connection_limit, which counts tracked connections" }));

    private static IReadOnlyList<string> Check(PortSecurity security) => Found.By(v => SecurityRules.Check(security, new FieldPath("port"), v));

    private static IReadOnlyList<string> CheckUntracked(string address, PortSecurity security) =>
        Found.By(v => PortRules.Check(Port(address, security), new FieldPath("port"), v));

    private static Port Port(string address, PortSecurity security) => new()
    {
        NicId = "nic",
        Network = "net",
        Mac = MacAddress.Parse("02:00:00:00:00:01"),
        Addresses = address.Length == 0 ? [] : [IpPrefix.Parse(address)],
        Security = security with { IsUntracked = true },
    };

    private static PortSecurity In(params IEnumerable<SecurityRule> rules) => new() { Ingress = rules.ToValueList() };

    private static PortSecurity Out(params IEnumerable<SecurityRule> rules) => new() { Egress = rules.ToValueList() };

    private static SecurityRule Rule(RuleProtocol protocol, params IEnumerable<string> cidrs) =>
        new() { Protocol = protocol, Cidrs = cidrs.Select(IpPrefix.Parse).ToValueList() };

    private static ValueList<SecurityRule> Many(int count) => Enumerable.Repeat(Rule(RuleProtocol.Tcp, "10.0.0.0/8"), count).ToValueList();

    private static ValueList<IpPrefix> Prefixes(int count) => Enumerable.Range(0, count).Select(i => IpPrefix.Parse($"10.0.{i >> 8}.{i & 255}")).ToValueList();

    private static TestCaseData[] Named(params (string Name, PortSecurity Security)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Security).SetArgDisplayNames(c.Name))];

    private static TestCaseData[] Named(params (string Name, PortSecurity Security, string Expected)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Security, c.Expected).SetArgDisplayNames(c.Name))];
}
