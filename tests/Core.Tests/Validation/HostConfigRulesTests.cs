using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>The parts of one config beside each other.</summary>
internal sealed class HostConfigRulesTests
{
    private static readonly PhysicalNetwork Label0 = new() { Label = "cloudbr0", TrafficTypes = [TrafficType.Guest] };
    private static readonly PhysicalNetwork Label1 = Label0 with { Label = "cloudbr1" };

    [Test]
    public void Check_SoundConfig_FindsNothing() => Assert.That(
        Check(new ConfigDraft
        {
            PhysicalNetworks = [Label0 with { Mode = PhysicalNetworkMode.Manage, Uplink = "eth0" }, Label1],
            Networks = [Vlan("a", 7), Vlan("b", 7) with { PhysicalNetwork = "cloudbr1" }, Vlan("c", 8), Vxlan("d", 7), Vxlan("e", 8), Untagged("f"), Untagged("g")],
            ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
            Settings = new HostSettings { IpForward = true },
            Providers = [new ProviderSetting("a", true, 0), new ProviderSetting("b", false, 1000)],
        }),
        Is.Empty);

    [Test]
    public void Check_SameVni_NamesBothNetworks() => Assert.That(
        Check(Draft(Vxlan("a", 101), Vlan("x", 5), Vxlan("b", 101))),
        Is.EqualTo(new[] { "config.networks[2].vxlan.vni: VNI 101 of network b is also that of network a, config.networks[0]" }));

    [Test]
    public void Check_SameVlanOnOneLabel_NamesBothNetworks() => Assert.That(
        Check(Draft(Vlan("a", 5), Vlan("b", 5))),
        Is.EqualTo(new[] { "config.networks[1].vlan.vid: VLAN 5 on cloudbr0 of network b is also that of network a, config.networks[0]" }));

    [Test]
    public void Check_SameNumberOutOfRange_IsToldOnceAsThat() => Assert.That(
        Check(Draft(Vlan("a", 0), Vlan("b", 0))),
        Is.EqualTo(new[]
        {
            "config.networks[0].vlan.vid: 0 is not between 1 and 4094", "config.networks[1].vlan.vid: 0 is not between 1 and 4094",
        }));

    [Test]
    public void Check_SameId_NamesBothPlaces() => Assert.That(
        Check(Draft(Vlan("a", 5), Vlan("b", 6), Vlan("a", 7))), Is.EqualTo(new[] { "config.networks[2].id: a is also config.networks[0].id" }));

    [Test]
    public void Check_SameLabel_NamesBothPlaces() => Assert.That(
        Check(new ConfigDraft { PhysicalNetworks = [Label0, Label1, Label1] }),
        Is.EqualTo(new[] { "config.physical_networks[2].label: cloudbr1 is also config.physical_networks[1].label" }));

    [Test]
    public void Check_SameManagedUplink_NamesBothPlaces() => Assert.That(
        Check(new ConfigDraft { PhysicalNetworks = [Managed("cloudbr0", "eth0"), Managed("cloudbr1", "eth0")] }),
        Is.EqualTo(new[] { "config.physical_networks[1].uplink: eth0 is also config.physical_networks[0].uplink, and belongs to one bridge only" }));

    [Test]
    public void Check_ManagedWithoutUplink_IsFound() => Assert.That(
        Check(new ConfigDraft { PhysicalNetworks = [Managed("cloudbr0", "")] }),
        Is.EqualTo(new[] { "config.physical_networks[0].uplink: is required with MANAGE, for cloudbr0 is not itself an uplink on this host" }));

    [Test]
    public void Check_SameProvider_NamesBothPlaces() => Assert.That(
        Check(new ConfigDraft { Providers = [new ProviderSetting("p", true, null), new ProviderSetting("p", false, null)] }),
        Is.EqualTo(new[] { "config.providers[1].name: p is also config.providers[0].name" }));

    [Test]
    public void Check_ProviderWithoutNameOrWithAPriorityOutOfRange_IsFound() => Assert.That(
        Check(new ConfigDraft { Providers = [new ProviderSetting("", true, 1001)] }),
        Is.EqualTo(new[] { "config.providers[0].name: is required", "config.providers[0].priority: 1001 is not between 0 and 1000" }));

    [Test]
    public void Check_NetworkOnALabelThatIsNotThere_IsFound() => Assert.That(
        Check(Draft(Vlan("a", 5) with { PhysicalNetwork = "cloudbr9" })),
        Is.EqualTo(new[] { "config.networks[0].physical_network: there is no physical network cloudbr9 in the config" }));

    [Test]
    public void Check_ControlNetworkOnALabel_IsFound() => Assert.That(
        Check(new ConfigDraft
        {
            PhysicalNetworks = [Label0], ControlNetwork = new ControlNetwork("cloudbr0", ControlNetwork.DefaultAddress, null),
        }),
        Is.EqualTo(new[] { "config.control_network.bridge: cloudbr0 is also config.physical_networks[0].label" }));

    [Test]
    public void Check_ControlNetworkOnALabelInForce_IsFound() => Assert.That(
        Found.By(v => HostConfigRules.Check(
            new ConfigDraft { ControlNetwork = new ControlNetwork("cloudbr0", ControlNetwork.DefaultAddress, null) },
            new HashSet<ConfigSection> { ConfigSection.ControlNetwork },
            Draft().ToConfig(HostConfig.Empty, ReplaceConfig.AllSections),
            HostState.Empty,
            "config",
            v)),
        Is.EqualTo(new[] { "config.control_network.bridge: cloudbr0 is also the label of a physical network in the config" }));

    [Test]
    public void Check_LabelOnTheControlNetworkInForce_IsFound() => Assert.That(
        Found.By(v => HostConfigRules.Check(
            new ConfigDraft { PhysicalNetworks = [Label1, Label0] },
            new HashSet<ConfigSection> { ConfigSection.PhysicalNetworks },
            HostConfig.Empty with { ControlNetwork = new ControlNetwork("cloudbr0", ControlNetwork.DefaultAddress, null) },
            HostState.Empty,
            "config",
            v)),
        Is.EqualTo(new[] { "config.physical_networks[1].label: cloudbr0 is also the bridge of the control network in the config" }));

    [Test]
    public void Check_WithoutAHost_LeavesOutWhatOnlyAHostTells() => Assert.That(
        Found.By(v => HostConfigRules.Check(
            new ConfigDraft { PhysicalNetworks = [Managed("cloudbr0", "") with { Mtu = 1 }] },
            ReplaceConfig.AllSections,
            HostConfig.Empty,
            state: null,
            "config",
            v)),
        Is.EqualTo(new[] { "config.physical_networks[0].mtu: 1 is not between 576 and 65535" }));

    [Test]
    public void Check_PartsWithFaults_AreLookedInto() => Assert.That(
        Check(new ConfigDraft
        {
            PhysicalNetworks = [Label0 with { Mtu = 1 }],
            Networks = [Vlan("a", 5) with { GuestMtu = 1 }],
            ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, 1),
            Settings = new HostSettings { IgmpMaxMemberships = 0 },
            Drift = new DriftPolicy { MaxHealsPerMinute = 0 },
        }).Select(f => f.Split(':')[0]),
        Is.EquivalentTo(new[]
        {
            "config.physical_networks[0].mtu", "config.networks[0].guest_mtu", "config.control_network.mtu", "config.settings.igmp_max_memberships",
            "config.drift.max_heals_per_minute",
        }));

    private static IEnumerable<TestCaseData> Sections { get; } =
    [
        new(ConfigSection.PhysicalNetworks, new ConfigDraft { PhysicalNetworks = [Label0] }, "physical_networks"),
        new(ConfigSection.Networks, Draft(Vlan("a", 5)) with { PhysicalNetworks = [] }, "networks"),
        new(ConfigSection.AddressGroups, new ConfigDraft { AddressGroups = [new AddressGroup("g", [])] }, "address_groups"),
        new(ConfigSection.HostAccess, new ConfigDraft { HostAccess = new HostAccess([], []) }, "host_access"),
        new(ConfigSection.ControlNetwork, new ConfigDraft { ControlNetwork = new("cloud0", ControlNetwork.DefaultAddress, null) }, "control_network"),
        new(ConfigSection.Settings, new ConfigDraft { Settings = new HostSettings() }, "settings"),
        new(ConfigSection.Providers, new ConfigDraft { Providers = [new ProviderSetting("p", true, null)] }, "providers"),
        new(ConfigSection.Drift, new ConfigDraft { Drift = new DriftPolicy() }, "drift"),
    ];

    [TestCaseSource(nameof(Sections))]
    public void Check_SectionThatIsNotReplaced_MayNotBeGiven(ConfigSection section, ConfigDraft draft, string field)
    {
        var others = ReplaceConfig.AllSections.Except([section]).ToHashSet();
        var inForce = HostConfig.Empty with { PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("cloudbr0", Label0) };
        var found = Found.By(v => HostConfigRules.Check(draft, others, inForce, HostState.Empty, "config", v));
        Assert.That(found, Has.Member($"config.{field}: is given, and is none of the sections that are to be replaced"));
        Assert.That(
            Found.By(v => HostConfigRules.Check(draft, new HashSet<ConfigSection> { section }, inForce, HostState.Empty, "config", v)), Is.Empty);
    }

    [Test]
    public void Check_OnlyNetworksReplaced_LooksForLabelsInForce()
    {
        var inForce = HostConfig.Empty with { PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("cloudbr1", Label1) };
        var draft = new ConfigDraft { Networks = [Vlan("a", 5) with { PhysicalNetwork = "cloudbr1" }, Vlan("b", 5)] };
        Assert.That(
            Found.By(v => HostConfigRules.Check(draft, new HashSet<ConfigSection> { ConfigSection.Networks }, inForce, HostState.Empty, "config", v)),
            Is.EqualTo(new[] { "config.networks[1].physical_network: there is no physical network cloudbr0 in the config" }));
    }

    [Test]
    public void Check_LabelLeftOutThatNetworksRideOn_IsFound()
    {
        var inForce = Draft(Vlan("b", 5), Vlan("a", 6)).ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);
        var draft = new ConfigDraft { PhysicalNetworks = [Label1] };
        Assert.That(
            Found.By(v => HostConfigRules.Check(
                draft, new HashSet<ConfigSection> { ConfigSection.PhysicalNetworks }, inForce, HostState.Empty, "config", v)),
            Is.EqualTo(new[] { "config.physical_networks: cloudbr0 is left out, and network a rides on it" }));
    }

    [Test]
    public void ToConfig_TheSameAgain_IsTheVerySameObjects()
    {
        var inForce = Draft(Vlan("a", 5), Vxlan("b", 6)).ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);
        var again = Draft(Vxlan("b", 6), Vlan("a", 5)).ToConfig(inForce, ReplaceConfig.AllSections);
        Assert.That(again.Networks, Is.SameAs(inForce.Networks));
        Assert.That(again.PhysicalNetworks, Is.SameAs(inForce.PhysicalNetworks));
        Assert.That(again, Is.EqualTo(inForce));
    }

    [Test]
    public void ToConfig_AddedChangedAndLeftOut_IsWhatWasAsked()
    {
        var inForce = Draft(Vlan("a", 5), Vlan("b", 6), Vlan("c", 7)).ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);
        Network[] wanted = [Vlan("a", 5), Vlan("c", 8), Vlan("d", 9)];
        var config = Draft(wanted).ToConfig(inForce, ReplaceConfig.AllSections);
        Assert.That(config.Networks.Values, Is.EquivalentTo(wanted));
        Assert.That(config.Networks["a"], Is.SameAs(inForce.Networks["a"]));
    }

    [Test]
    public void ToConfig_ProvidersInAnotherOrder_AreTheSame()
    {
        ProviderSetting[] providers = [new("b", true, 1), new("a", false, null)];
        var config = new ConfigDraft { Providers = providers }.ToConfig(HostConfig.Empty, ReplaceConfig.AllSections);
        Assert.That(config.Providers, Is.EqualTo(providers.Reverse()));
    }

    private static IReadOnlyList<string> Check(ConfigDraft draft) =>
        Found.By(v => HostConfigRules.Check(draft, ReplaceConfig.AllSections, HostConfig.Empty, HostState.Empty, "config", v));

    private static ConfigDraft Draft(params Network[] networks) => new() { PhysicalNetworks = [Label0], Networks = networks };

    private static PhysicalNetwork Managed(string label, string uplink) =>
        Label0 with { Label = label, Uplink = uplink, Mode = PhysicalNetworkMode.Manage };

    private static Network Untagged(string id) => new() { Id = id, PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() };

    private static Network Vlan(string id, int vid) => Untagged(id) with { Isolation = new VlanIsolation(vid) };

    private static Network Vxlan(string id, int vni) =>
        Untagged(id) with { Isolation = new VxlanIsolation(vni, null, null, new VxlanMulticast((IPAddress?)null), null) };
}
