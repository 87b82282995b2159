using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

/// <summary>What is said of a label, result by result.</summary>
internal sealed class PhysicalCheckerTests
{
    private readonly MemoryHost _host = new();

    [Test]
    public void Check_BridgeWithUplink_IsFound()
    {
        Put(new Nic("eth0", 1500), new HandBridge("cloudbr0", "eth0"));
        Expect(Check(new()), PhysicalCheckResult.Found, "cloudbr0 is here with the uplink eth0, and up");
    }

    [Test]
    public void Check_UplinkItself_IsFound()
    {
        Put(new Nic("eth0", 1500));
        Expect(Check(new() { Label = "eth0" }), PhysicalCheckResult.Found, "eth0 is an uplink without a bridge, and up");
    }

    [Test]
    public void Check_NoSuchLabel_IsMissingAndNamesTheBridges()
    {
        Put(new HandBridge("virbr0"), new HandBridge("docker0"));
        Expect(Check(new()), PhysicalCheckResult.Missing, "label cloudbr0 is not on this host; bridges here: docker0, virbr0");
        Assert.That(Check(new()).BridgesHere, Is.EqualTo(new[] { "docker0", "virbr0" }));
    }

    [Test]
    public void Check_BridgeWithoutUplink_HasNoUplink()
    {
        Put(new HandBridge("cloudbr0"));
        Expect(Check(new()), PhysicalCheckResult.NoUplink, "the bridge cloudbr0 has no uplink");
    }

    [Test]
    public void Check_NamedUplinkIsNotHere_HasNoUplink()
    {
        Put(new HandBridge("cloudbr0"));
        Expect(Check(new() { Uplink = "eth9" }), PhysicalCheckResult.NoUplink, "the uplink eth9 of cloudbr0 is not on this host");
    }

    [Test]
    public void Check_NamedUplinkIsOutside_HasNoUplink()
    {
        Put(new Nic("eth0", 1500), new HandBridge("cloudbr0"));
        Expect(Check(new() { Uplink = "eth0" }), PhysicalCheckResult.NoUplink, "the uplink eth0 is here, and not in cloudbr0");
    }

    [Test]
    public void Check_UplinkSwitchedOff_IsDown()
    {
        Put(new Nic("eth0", 1500, Up: false), new HandBridge("cloudbr0", "eth0"));
        Expect(Check(new()), PhysicalCheckResult.UplinkDown, "the uplink eth0 is switched off");
    }

    [Test]
    public void Check_UplinkTooNarrow_SaysWhereAndHowMuch()
    {
        Put(new Nic("eth0", 1500), new HandBridge("cloudbr0", "eth0"));
        Expect(Check(new() { Mtu = 9000 }), PhysicalCheckResult.MtuTooSmall, "MTU 9000 was asked for on cloudbr0, and eth0 has 1500");
    }

    [Test]
    public void Check_LabelIsOpenVSwitch_IsAConflict()
    {
        _host.PutForeign(new Link { Index = 0, Name = "cloudbr0", Kind = LinkKind.OpenVSwitch, Mtu = 1500, Up = true });
        Expect(Check(new()), PhysicalCheckResult.Conflict, "cloudbr0 is an Open vSwitch bridge, which no provider of this agent realises networks on");
    }

    [TestCase(PhysicalNetworkMode.Manage, "cloudbr0", "the uplink eth0 belongs to ovs-system (openvswitch)")]
    [TestCase(PhysicalNetworkMode.CheckOnly, "cloudbr0", "the uplink eth0 belongs to ovs-system (openvswitch), not to cloudbr0")]
    [TestCase(PhysicalNetworkMode.Manage, "eth0", "the uplink eth0 belongs to ovs-system (openvswitch)")]
    [TestCase(PhysicalNetworkMode.CheckOnly, "eth0", "the uplink eth0 belongs to ovs-system (openvswitch)")]
    public void Check_OpenVSwitchHoldsTheUplink_IsAConflict(PhysicalNetworkMode mode, string label, string message)
    {
        var ovs = _host.PutForeign(new Link { Index = 0, Name = "ovs-system", Kind = LinkKind.OpenVSwitch, Mtu = 1500, Up = true });
        _host.PutForeign(new Link { Index = 0, Name = "eth0", Mtu = 1500, Up = true, Master = ovs });
        Put(new HandBridge("cloudbr0"));
        var check = Check(new() { Label = label, Mode = mode, Uplink = "eth0" });
        Expect(check, PhysicalCheckResult.Conflict, message);
        Assert.That(check.Problems.Single().Remedy, Is.EqualTo("take eth0 out of ovs-system, or use another label"));
    }

    /// <summary>Mode MANAGE would take it from there no more.</summary>
    [TestCase(PhysicalNetworkMode.Manage, "the uplink eth0 belongs to br-theirs (bridge)")]
    [TestCase(PhysicalNetworkMode.CheckOnly, "the uplink eth0 belongs to br-theirs (bridge), not to cloudbr0")]
    public void Check_AnotherBridgeHoldsTheUplink_IsAConflict(PhysicalNetworkMode mode, string message)
    {
        Put(new Nic("eth0", 1500), new HandBridge("br-theirs", "eth0"), new HandBridge("cloudbr0"));
        var check = Check(new() { Mode = mode, Uplink = "eth0" });
        Expect(check, PhysicalCheckResult.Conflict, message);
        Assert.That(check.Problems.Single().Remedy, Is.EqualTo("take eth0 out of br-theirs, or use the label of br-theirs"));
    }

    [Test]
    public void Check_LabelIsAMemberOfABondOrTeam_IsAConflict([Values] PhysicalNetworkMode mode, [Values(LinkKind.Bond, LinkKind.Team)] string kind)
    {
        var holder = _host.PutForeign(new Link { Index = 0, Name = "lag0", Kind = kind, Mtu = 1500, Up = true });
        _host.PutForeign(new Link { Index = 0, Name = "eth0", Mtu = 1500, Up = true, Master = holder });
        var check = Check(new() { Label = "eth0", Mode = mode });
        Expect(check, PhysicalCheckResult.Conflict, $"the uplink eth0 belongs to lag0 ({kind})");
        Assert.That(check.Problems.Single().Remedy, Is.EqualTo("take eth0 out of lag0, or use the label of lag0"));
    }

    [Test]
    public void Check_LabelIsNoBridgeButHasAnUplink_IsAConflict()
    {
        Put(new Nic("eth0", 1500), new Bond("cloudbr0", 1500));
        Expect(Check(new() { Uplink = "eth0" }), PhysicalCheckResult.Conflict, "cloudbr0 is here, and is no bridge but a bond device, so it cannot have the uplink eth0");
    }

    [Test]
    public void Check_ManagedAndNotThereYet_IsToBeMade()
    {
        Put(new Nic("eth0", 1500));
        Expect(
            Check(new() { Mode = PhysicalNetworkMode.Manage, Uplink = "eth0" }),
            PhysicalCheckResult.ToBeMade,
            "cloudbr0 is not complete yet; Apply would put eth0 under it");
    }

    [Test]
    public void Check_ManagedUplinkOfAnotherMtu_IsToBeMade()
    {
        Put(new Nic("eth0", 1500));
        Expect(
            Check(new() { Label = "eth0", Mode = PhysicalNetworkMode.Manage, Mtu = 9000 }), PhysicalCheckResult.ToBeMade, "eth0 is here; Apply would set its MTU");
    }

    [Test]
    public void Resolve_BridgeWithTapsAndOneNic_FindsTheNic()
    {
        Put(new Nic("eth0", 1500), new HandBridge("cloudbr0", "eth0"), new Tap("vnet0", "cloudbr0"));
        Assert.That(UnderlayResolver.Resolve(new() { Label = "cloudbr0" }, _host.State, [])!.Uplink, Is.EqualTo("eth0"));
    }

    [Test]
    public void Resolve_Managed_IsAsThePlanWillMakeIt()
    {
        Put(new Nic("eth0", 1500), new Address("eth0", "10.1.0.5/24"));
        var network = new PhysicalNetwork { Label = "cloudbr0", Mode = PhysicalNetworkMode.Manage, Uplink = "eth0", Mtu = 9000 };
        Assert.That(
            UnderlayResolver.Resolve(network, _host.State, []),
            Is.EqualTo(new Underlay("cloudbr0", "cloudbr0", 9000, "eth0", 9000, null, [System.Net.IPAddress.Parse("10.1.0.5")])));
    }

    private void Put(params HostItem[] items) => Array.ForEach(items, i => i.PutOn(_host));

    private PhysicalCheck Check(Wanted wanted) => PhysicalChecker.Check(
        new PhysicalNetwork { Label = wanted.Label, Mode = wanted.Mode, Uplink = wanted.Uplink, Mtu = wanted.Mtu }, _host.State);

    private static void Expect(PhysicalCheck check, PhysicalCheckResult result, string message) =>
        Assert.That((check.Result, check.Message), Is.EqualTo((result, message)));

    private sealed record Wanted
    {
        public string Label { get; init; } = "cloudbr0";

        public PhysicalNetworkMode Mode { get; init; }

        public string Uplink { get; init; } = "";

        public int? Mtu { get; init; }
    }
}
