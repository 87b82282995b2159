using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

internal sealed class PhysicalNetworkRulesTests
{
    private const string BadCharacter = "has a character that no device's name can have: white space, a control character or one of / : %";

    private const string ReadOtherwise =
        "ends with a plus, begins with a dash or an exclamation mark or has a quote or a backslash, which the packet filter's tools take for something else";

    private static readonly PhysicalNetwork Sound = new() { Label = "cloudbr0", TrafficTypes = [TrafficType.Guest] };

    private static IEnumerable<TestCaseData> Good { get; } = Named(
        ("plain", Sound),
        ("longest label", Sound with { Label = "123456789012345" }),
        ("label of another alphabet", Sound with { Label = "brücke0" }),
        ("several types", Sound with { TrafficTypes = [TrafficType.Guest, TrafficType.Public, TrafficType.Storage, TrafficType.Management] }),
        ("uplink", Sound with { Mode = PhysicalNetworkMode.Manage, Uplink = "eth0.200" }),
        ("least MTU", Sound with { Mtu = 576 }),
        ("most MTU", Sound with { Mtu = 65_535 }),
        ("tunnel address", Sound with { TunnelAddress = IPAddress.Parse("2001:db8::1") }),
        ("bridge", Sound with { Bridge = new BridgeOptions { Stp = false } }));

    private static IEnumerable<TestCaseData> Bad { get; } = Named(
        ("no label", Sound with { Label = "" }, "label: is required"),
        ("label of 16 bytes", Sound with { Label = "1234567890123456" }, "label: is longer than 15 bytes, and no device can have such a name"),
        ("label of 16 bytes in fewer characters", Sound with { Label = "brückebrücke12" }, "label: is longer than 15 bytes, and no device can have such a name"),
        (".", Sound with { Label = "." }, "label: '.' is no name that a device can have"),
        ("..", Sound with { Label = ".." }, "label: '..' is no name that a device can have"),
        ("slash", Sound with { Label = "a/b" }, $"label: {BadCharacter}"),
        ("colon", Sound with { Label = "eth0:1" }, $"label: {BadCharacter}"),
        ("blank", Sound with { Label = "a b" }, $"label: {BadCharacter}"),
        ("newline", Sound with { Label = "a\nb" }, $"label: {BadCharacter}"),
        ("zero byte", Sound with { Label = "a\0b" }, $"label: {BadCharacter}"),
        ("pattern", Sound with { Label = "eth%d" }, $"label: {BadCharacter}"),
        ("a name for many", Sound with { Label = "br+" }, $"label: {ReadOtherwise}"),
        ("a name like an option", Sound with { Label = "-br0" }, $"label: {ReadOtherwise}"),
        ("a name like a negation", Sound with { Label = "!br0" }, $"label: {ReadOtherwise}"),
        ("a quote", Sound with { Label = "br\"0" }, $"label: {ReadOtherwise}"),
        ("no traffic types", Sound with { TrafficTypes = [] }, "traffic_types: is required: say what it carries"),
        (
            "traffic type twice",
            Sound with { TrafficTypes = [TrafficType.Guest, TrafficType.Public, TrafficType.Guest] },
            "traffic_types[2]: is also traffic_types[0]"),
        ("uplink", Sound with { Uplink = "a/b" }, $"uplink: {BadCharacter}"),
        ("MTU 575", Sound with { Mtu = 575 }, "mtu: 575 is not between 576 and 65535"),
        ("MTU 65536", Sound with { Mtu = 65_536 }, "mtu: 65536 is not between 576 and 65535"),
        ("tunnel address", Sound with { TunnelAddress = IPAddress.Broadcast }, "tunnel_address: 255.255.255.255 is the broadcast address"),
        ("bridge", Sound with { Bridge = new BridgeOptions { GroupFwdMask = 4 } }, "bridge.group_fwd_mask: 4 has bits 0 to 2, which are the kernel's"));

    [TestCaseSource(nameof(Good))]
    public void Check_Sound_FindsNothing(PhysicalNetwork physical) =>
        Assert.That(Found.By(v => PhysicalNetworkRules.Check(physical, new FieldPath("p"), v)), Is.Empty);

    [TestCaseSource(nameof(Bad))]
    public void Check_Unsound_SaysWhereAndWhy(PhysicalNetwork physical, string expected) => Assert.That(
        Found.By(v => PhysicalNetworkRules.Check(physical, new FieldPath("config.physical_networks", 1), v)),
        Is.EqualTo(new[] { $"config.physical_networks[1].{expected}" }));

    [Test]
    public void CheckAsked_NoTrafficTypes_IsSound() => Assert.That(
        Found.By(v => PhysicalNetworkRules.CheckAsked(Sound with { TrafficTypes = [] }, new FieldPath("p"), v)), Is.Empty);

    [TestCase("eth0", "", PhysicalNetworkMode.Manage, true)]
    [TestCase("cloudbr0", "eth0", PhysicalNetworkMode.Manage, true)]
    [TestCase("cloudbr0", "", PhysicalNetworkMode.CheckOnly, true)]
    [TestCase("cloudbr0", "", PhysicalNetworkMode.Manage, false)]
    [TestCase("cloudbr9", "", PhysicalNetworkMode.Manage, false)]
    public void CheckUplink_IsRequiredUnlessTheLabelIsTheUplink(string label, string uplink, PhysicalNetworkMode mode, bool sound)
    {
        var state = HostState.Empty.ToBuilder();
        state.Put(new Link { Index = 2, Name = "eth0" });
        state.Put(new Link { Index = 3, Name = "cloudbr0", Kind = LinkKind.Bridge });
        var physical = Sound with { Label = label, Uplink = uplink, Mode = mode };
        Assert.That(
            Found.By(v => PhysicalNetworkRules.CheckUplink(physical, state.ToState(), new FieldPath("p"), v)),
            Is.EqualTo(sound ? [] : new[] { $"p.uplink: is required with MANAGE, for {label} is not itself an uplink on this host" }));
    }

    private static TestCaseData[] Named(params (string Name, PhysicalNetwork Physical)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Physical).SetArgDisplayNames(c.Name))];

    private static TestCaseData[] Named(params (string Name, PhysicalNetwork Physical, string Expected)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Physical, c.Expected).SetArgDisplayNames(c.Name))];
}
