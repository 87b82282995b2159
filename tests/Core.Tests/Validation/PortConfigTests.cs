using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>Ports beside each other and beside the networks, groups and settings that they need, in one request and when its turn comes.</summary>
internal sealed class PortConfigTests
{
    private static readonly HostConfig InForce = Draft([Secured("net-1"), Open("net-2")], [Guarded("nic-1", 1), Plain("nic-2", 2, "net-2"), Plain("nic-3", 3)])
        .ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);

    [Test]
    public void Check_SoundConfig_FindsNothing()
    {
        Port[] ports =
        [
            Guarded("nic-1", 1), Plain("nic-2", 1, "net-2"), Plain("nic-3", 2) with { Device = "vnet0" }, Plain("nic-4", 3) with { Device = "vnet1" },
        ];
        var draft = Draft([Secured("net-1"), Open("net-2")], ports) with
        {
            HostAccess = new HostAccess([IpPrefix.Parse("192.0.2.0/28")], []),
            Settings = new HostSettings { BridgeNfCallIptables = true, BridgeNfCallArptables = false },
        };
        Assert.That(Check(draft), Is.Empty);
    }

    [Test]
    public void Check_SameInTwoPorts_NamesBothPlaces() => Assert.That(
        Check(Draft(
            [Secured("net-1"), Open("net-2")],
            [
                Plain("a", 1) with { Device = "vnet0" }, Plain("b", 1, "net-2"), Plain("c", 1), Plain("a", 2), Plain("d", 3) with { Device = "vnet0" },
            ])),
        Is.EqualTo(new[]
        {
            "config.ports[2].mac: 02:00:00:00:00:01 of port c is also that of port a in network net-1, config.ports[0]",
            "config.ports[3].nic_id: a is also config.ports[0].nic_id",
            "config.ports[4].device: vnet0 is also config.ports[0].device",
        }));

    [Test]
    public void Check_SameGroup_NamesBothPlaces() => Assert.That(
        Check(new ConfigDraft { AddressGroups = [new("g", []), new("h", []), new("g", [])] }),
        Is.EqualTo(new[] { "config.address_groups[2].name: g is also config.address_groups[0].name" }));

    [Test]
    public void Check_PartsWithFaults_AreLookedInto()
    {
        var bad = IpPrefix.Parse("10.0.0.1/8");
        var draft = Draft(
            [Secured("net-1") with { Security = new NetworkSecurity([1536, 65_536]) }],
            [Plain("nic-1", 1), Plain("nic-2", 2), Guarded("nic-3", 3) with { Security = Rules(new SecurityRule { Protocol = RuleProtocol.Tcp, Cidrs = [bad] }) }]);
        Assert.That(
            Check(draft with { AddressGroups = [new("g", []), new("h", [bad])], HostAccess = new HostAccess([], [bad]) }).Select(f => f.Split(':')[0]),
            Is.EquivalentTo(new[]
            {
                "config.networks[0].security.extra_ethertypes[0]", "config.networks[0].security.extra_ethertypes[1]", "config.ports[2].security.ingress[0].cidrs[0]",
                "config.address_groups[1].members[0]", "config.host_access.peer_cidrs[0]",
            }));
    }

    [Test]
    public void Check_ManyEthertypes_IsToldOnce() => Assert.That(
        Check(Draft([Secured("net-1") with { Security = new NetworkSecurity(Enumerable.Repeat(35_020, 65).ToValueList()) }], [])),
        Is.EqualTo(new[] { "config.networks[0].security.extra_ethertypes: 65 are more than 64" }));

    [Test]
    public void Check_PortOfAnUnknownNetworkOrGroup_IsFound() => Assert.That(
        Check(Draft([Secured("net-1")], [Plain("a", 1, "net-9"), Guarded("b", 2, "sg-1", "sg-9")])),
        Is.EqualTo(new[]
        {
            "config.ports[0].network_id: there is no network net-9 in the config",
            "config.ports[1].security.ingress[0].address_groups[1]: there is no address group sg-9 in the config",
        }));

    [Test]
    public void Check_EgressRuleOfAnUnknownGroup_IsFound() => Assert.That(
        Check(Draft([Secured("net-1")], [Plain("a", 1) with { Security = new PortSecurity { Egress = [Naming("sg-1"), Naming("")] } }])),
        Is.EqualTo(new[] { "config.ports[0].security.egress[1].address_groups[0]: is required" }));

    [Test]
    public void Check_RulesInANetworkWithoutSecurityGroups_AreRefused() => Assert.That(
        Check(Draft([Open("net-1")], [Plain("a", 1), Guarded("b", 2)])),
        Is.EqualTo(new[] { "config.ports[1].security: is refused in network net-1, which has no security groups" }));

    [Test]
    public void Check_OnlyPortsReplaced_LooksForNetworksAndGroupsInForce() => Assert.That(
        Check(new ConfigDraft { Ports = [Guarded("a", 1), Guarded("b", 2) with { Network = "net-2" }, Plain("c", 3, "net-9"), Guarded("d", 4, "sg-9")] }, ConfigSection.Ports),
        Is.EqualTo(new[]
        {
            "config.ports[1].security: is refused in network net-2, which has no security groups",
            "config.ports[2].network_id: there is no network net-9 in the config",
            "config.ports[3].security.ingress[0].address_groups[0]: there is no address group sg-9 in the config",
        }));

    [Test]
    public void Check_NetworkLeftOutThatHasPorts_IsFound() => Assert.That(
        Check(new ConfigDraft { Networks = [Secured("net-3")] }, ConfigSection.Networks),
        Is.EqualTo(new[] { "config.networks: net-1 is left out, and port nic-1 is in it", "config.networks: net-2 is left out, and port nic-2 is in it" }));

    [Test]
    public void Check_SecurityGroupsTakenFromPortsWithRules_IsFound() => Assert.That(
        Check(new ConfigDraft { Networks = [Open("net-2"), Open("net-1")] }, ConfigSection.Networks),
        Is.EqualTo(new[] { "config.networks[1].security: is left out, and port nic-1 has security rules" }));

    [Test]
    public void Check_GroupLeftOutThatRulesName_IsFound()
    {
        Assert.That(
            Check(new ConfigDraft { AddressGroups = [new("sg-2", [])] }, ConfigSection.AddressGroups),
            Is.EqualTo(new[] { "config.address_groups: sg-1 is left out, and rules of port nic-1 name it" }));
        Assert.That(Check(new ConfigDraft { AddressGroups = [new("sg-1", [IpPrefix.Parse("10.0.0.0/8")])] }, ConfigSection.AddressGroups), Is.Empty);
    }

    [Test]
    public void Check_WhatPortsNeedGoesWithThem_FindsNothing()
    {
        Assert.That(Check(new ConfigDraft()), Is.Empty);
        Assert.That(Check(new ConfigDraft { Networks = [Open("net-1")], Ports = [Plain("a", 1)] }, ConfigSection.Networks, ConfigSection.Ports), Is.Empty);
    }

    [Test]
    public void Check_BridgeFilterSwitchedOffBesideSecurityGroups_IsFound()
    {
        var off = new HostSettings { BridgeNfCallIptables = false, BridgeNfCallIp6tables = false };
        string[] expected =
        [
            "config.settings.bridge_nf_call_iptables: is off, and network net-1 has security groups, which need it",
            "config.settings.bridge_nf_call_ip6tables: is off, and network net-1 has security groups, which need it",
        ];
        Assert.That(Check(Draft([Open("net-0"), Secured("net-1"), Secured("net-2")], []) with { Settings = off }), Is.EqualTo(expected));
        Assert.That(Check(new ConfigDraft { Settings = off }, ConfigSection.Settings), Is.EqualTo(expected));
        Assert.That(Check(Draft([Open("net-1")], []) with { Settings = off }), Is.Empty);
        Assert.That(
            Check(
                new ConfigDraft { Networks = [Open("net-2"), Secured("net-1")] },
                InForce with { Settings = new HostSettings { BridgeNfCallIp6tables = false } },
                ConfigSection.Networks),
            Is.EqualTo(new[] { "config.networks[1].security.mode: SECURITY_GROUPS needs bridge_nf_call_ip6tables, which the config's settings switch off" }));
    }

    [Test]
    public void Standing_NetworkWithPorts_StaysUntilTheyAreReleased()
    {
        Assert.That(Standing(new RemoveNetwork("net-2"), InForce), Is.EqualTo(("HAS_PORTS", "network net-2", "network net-2 has the port nic-2")));
        Assert.That(
            Standing(new RemoveNetwork("net-1"), InForce), Is.EqualTo(("HAS_PORTS", "network net-1", "network net-1 has 2 ports, the first of them nic-1")));
        Assert.That(Standing(new RemoveNetwork("net-2"), new RemovePort("nic-2").ApplyTo(InForce)), Is.Null);
        Assert.That(Standing(new RemoveNetwork("net-9"), InForce), Is.Null);
    }

    private static IEnumerable<TestCaseData> Overtaken { get; } =
    [
        Changed(Put(Plain("new", 9, "net-9")), "port new", "port.network_id there is no network net-9 in the config"),
        Changed(Put(Guarded("new", 9, "sg-9")), "port new", "port.security.ingress[0].address_groups[0] there is no address group sg-9 in the config"),
        Changed(Put(Guarded("new", 9) with { Network = "net-2" }), "port new", "port.security is refused in network net-2, which has no security groups"),
        Changed(Put(Plain("new", 3)), "port new", "port.mac 02:00:00:00:00:03 is also that of port nic-3 in network net-1"),
        Changed(new PutNetwork(Open("net-1")), "network net-1", "network.security is left out, and port nic-1 has security rules"),
        Changed(Replace(InForce with { Networks = InForce.Networks.Remove("net-2") }, ConfigSection.Networks), "port nic-2", "port.network_id there is no network net-2 in the config"),
        Changed(
            Replace(InForce with { AddressGroups = InForce.AddressGroups.Clear() }, ConfigSection.AddressGroups),
            "port nic-1",
            "port.security.ingress[0].address_groups[0] there is no address group sg-1 in the config"),
        Changed(
            Replace(HostConfig.Empty with { Settings = new HostSettings { BridgeNfCallIptables = false } }, ConfigSection.Settings),
            "network net-1",
            "network.security.mode SECURITY_GROUPS needs bridge_nf_call_iptables, which the config's settings switch off"),
    ];

    [TestCaseSource(nameof(Overtaken))]
    public void Standing_WhatNoLongerGoesTogether_IsRefused(ConfigEdit edit, string subject, string what) => Assert.That(
        Standing(edit, InForce),
        Is.EqualTo(("CONFIG_CHANGED", subject, $"since the request was read another change was made that it does not go with: {what}")));

    private static IEnumerable<TestCaseData> Fit { get; } =
    [
        Taken("a port with rules", Put(Guarded("new", 9))),
        Taken("the same port", Put(Guarded("nic-1", 1))),
        Taken("a MAC of another network", Put(Plain("new", 1, "net-2"))),
        Taken("a port with its group", new PutPort(Guarded("new", 9, "sg-9"), [new AddressGroup("sg-9", [])])),
        Taken("security groups for a network", new PutNetwork(Secured("net-2"))),
        Taken("a network", new PutNetwork(Open("net-9"))),
        Taken("a port released", new RemovePort("nic-1")),
        Taken("the same config", new ReplaceConfig(InForce, ReplaceConfig.AllSections)),
        Taken("nothing at all", new ReplaceConfig(HostConfig.Empty, ReplaceConfig.AllSections)),
        Taken("a resync", new Resync()),
    ];

    [TestCaseSource(nameof(Fit))]
    public void Standing_WhatGoesTogether_IsTaken(ConfigEdit edit) => Assert.That(Standing(edit, InForce), Is.Null);

    [Test]
    public void Standing_SameDeviceOfAnotherPort_IsRefused()
    {
        var config = Put(Plain("nic-3", 3) with { Device = "vnet0" }).ApplyTo(InForce);
        Assert.That(Standing(Put(Plain("new", 9) with { Device = "vnet0" }), config)?.Message, Does.EndWith("port.device vnet0 is also that of port nic-3"));
        Assert.That(Standing(Put(Plain("nic-3", 3) with { Device = "vnet0" }), config), Is.Null);
    }

    [Test]
    public void ToConfig_TheSamePortsAgain_AreTheVerySameObjects()
    {
        var again = Draft([Open("net-2"), Secured("net-1")], [Plain("nic-3", 3), Plain("nic-2", 2, "net-2"), Guarded("nic-1", 1)])
            .ToConfig(InForce, ReplaceConfig.AllSections);
        Assert.That(again.Ports, Is.SameAs(InForce.Ports));
        Assert.That(again.AddressGroups, Is.SameAs(InForce.AddressGroups));
        Assert.That(again, Is.EqualTo(InForce));
    }

    private static (string Reason, string Subject, string Message)? Standing(ConfigEdit edit, HostConfig inForce) =>
        StandingRules.Of(edit, inForce, edit.ApplyTo(inForce)) is { } failure ? (failure.Reason, failure.Subject.ToString(), failure.Message) : null;

    private static IReadOnlyList<string> Check(ConfigDraft draft, params ConfigSection[] sections) => Check(draft, InForce, sections);

    private static IReadOnlyList<string> Check(ConfigDraft draft, HostConfig inForce, params ConfigSection[] sections) => Found.By(v => HostConfigRules.Check(
        draft, sections.Length == 0 ? ReplaceConfig.AllSections : sections.ToHashSet(), inForce, HostState.Empty, "config", v));

    private static ConfigDraft Draft(Network[] networks, Port[] ports) => new()
    {
        PhysicalNetworks = [new PhysicalNetwork { Label = "cloudbr0", TrafficTypes = [TrafficType.Guest] }],
        Networks = networks,
        Ports = ports,
        AddressGroups = [new AddressGroup("sg-1", []), new AddressGroup("sg-2", [])],
    };

    private static Network Open(string id) => new() { Id = id, PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() };

    private static Network Secured(string id) => Open(id) with { Security = new NetworkSecurity([35_020]) };

    private static Port Plain(string id, int mac, string network = "net-1") => new() { NicId = id, Network = network, Mac = MacAddress.Parse($"02:00:00:00:00:{mac:x2}") };

    private static Port Guarded(string id, int mac, params string[] groups) =>
        Plain(id, mac) with { Security = Rules(Naming(groups.Length == 0 ? ["sg-1"] : groups)) };

    private static PortSecurity Rules(params ValueList<SecurityRule> rules) => new() { Ingress = rules };

    private static SecurityRule Naming(params string[] groups) => new() { Protocol = RuleProtocol.All, AddressGroups = groups.ToValueList() };

    private static PutPort Put(Port port) => new(port, []);

    private static ReplaceConfig Replace(HostConfig config, ConfigSection section) => new(config, new HashSet<ConfigSection> { section });

    private static TestCaseData Changed(ConfigEdit edit, string subject, string what) => new TestCaseData(edit, subject, what).SetArgDisplayNames(what);

    private static TestCaseData Taken(string name, ConfigEdit edit) => new TestCaseData(edit).SetArgDisplayNames(name);
}
