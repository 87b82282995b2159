using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

internal sealed class LinuxBridgeProviderTests
{
    private static readonly IPAddress Ours = IPAddress.Parse("10.1.0.5");
    private static readonly IPAddress Peer = IPAddress.Parse("10.1.0.11");
    private static readonly IPAddress OursV6 = IPAddress.Parse("2001:db8::5");
    private static readonly Underlay Wide = new("cloudbr0", "cloudbr0", 9000, "eth0", 9000, null, [Ours, OursV6]);
    private static readonly Underlay Narrow = new("eth0", "", 0, "eth0", 1500, null, [Ours, OursV6]);

    [Test]
    public void Untagged_IsThePhysicalNetworksOwnBridge()
    {
        var design = Design(new UntaggedIsolation());
        Assert.That(design.Bridge.Name, Is.EqualTo("cloudbr0"));
        Assert.That(design.Device.Name, Is.EqualTo("eth0"));
        Assert.That(design.Links, Is.Empty);
    }

    [Test]
    public void Untagged_WithoutABridge_SaysWhatIsMissing() => Assert.That(
        Refused(new UntaggedIsolation(), Narrow).Message, Is.EqualTo("an untagged network needs a bridge, and eth0 is the uplink eth0 without one"));

    [Test]
    public void Vlan_StandsOnTheUplinkItself()
    {
        var design = Design(new VlanIsolation(5));
        Assert.That(design.Links.Select(l => l.Name), Is.EqualTo(new[] { "breth0-5", "eth0.5" }));
        Assert.That(design.Links[1], Has.Property("Parent").EqualTo("eth0").And.Property("Master").EqualTo("breth0-5"));
        Assert.That(design.Links[1].Vlan, Is.EqualTo(new VlanSettings(5)));
        Assert.That(design.Links.All(l => l.Ipv6Off && l.Mtu == 1500 && l.Alias == "cloudbr:network:n1"));
    }

    [Test]
    public void Vlan_WithoutAnUplink_SaysWhatIsMissing() => Assert.That(
        Refused(new VlanIsolation(5), Wide with { Uplink = "" }).Message, Is.EqualTo("VLAN 5 needs an uplink, and the bridge cloudbr0 has none"));

    [TestCase(1, "239.0.0.1")]
    [TestCase(101, "239.0.0.101")]
    [TestCase(70000, "239.1.17.112")]
    [TestCase(16777215, "239.255.255.255")]
    public void Multicast_WithoutAGroup_DerivesItFromTheVni(int vni, string group) =>
        Assert.That(Design(Vxlan(new VxlanMulticast(null), vni)).Group, Is.EqualTo(IPAddress.Parse(group)));

    [TestCase(101, "ff05::0:0:101")]
    [TestCase(70000, "ff05::1:17:112")]
    public void Multicast_WithAnIpv6Source_DerivesAnIpv6Group(int vni, string group) => Assert.That(
        Design(Vxlan(new VxlanMulticast(null), vni) with { LocalAddress = OursV6 }).Group, Is.EqualTo(IPAddress.Parse(group)));

    [Test]
    public void Multicast_LeavesThroughTheUnderlaysBridge_WithTtlTen()
    {
        var design = Design(Vxlan(new VxlanMulticast(null)));
        Assert.That(design.Links[1].Parent, Is.EqualTo("cloudbr0"));
        Assert.That(design.GroupDevice, Is.EqualTo("cloudbr0"));
        Assert.That(design.Links[1].Vxlan, Is.EqualTo(new VxlanSettings(101, 4789, null, IPAddress.Parse("239.0.0.101"), 10, Learning: true)));
        Assert.That(design.Forwarding, Is.Null);
    }

    [Test]
    public void Static_SendsFromTheUnderlaysAddress_WithTtl64()
    {
        var design = Design(Vxlan(new VxlanStatic([Peer], [], null)));
        Assert.That(design.Links[1].Vxlan, Is.EqualTo(new VxlanSettings(101, 4789, Ours, null, 64, Learning: true)));
        Assert.That(design.Links[1].Parent, Is.Null);
        Assert.That(design.Forwarding, Is.EqualTo((ValueList<Flood>)[new Flood(MacAddress.Zero, Peer)]));
    }

    [Test]
    public void Static_OwnAddressAmongThePeers_IsLeftOut()
    {
        var local = Design(Vxlan(new VxlanStatic([Peer], [], null))).Links[1].Vxlan!.Local!;
        Assert.That(
            Design(Vxlan(new VxlanStatic([local, Peer], [], null))).Forwarding, Is.EqualTo((ValueList<Flood>)[new Flood(MacAddress.Zero, Peer)]));
    }

    [Test]
    public void Static_WithEntries_LearnsNothing()
    {
        var entry = new VxlanEntry(MacAddress.Parse("02:00:00:00:00:01"), Peer);
        var design = Design(Vxlan(new VxlanStatic([Peer], [entry], null)));
        Assert.That(design.Links[1].Vxlan!.Learning, Is.False);
        Assert.That(design.Forwarding, Is.EqualTo((ValueList<Flood>)[new Flood(MacAddress.Zero, Peer), new Flood(entry.Mac, Peer)]));
    }

    [Test]
    public void Evpn_LeavesLearningToTheRoutingDaemon()
    {
        var design = Design(Vxlan(new VxlanEvpn(null)));
        Assert.That(design.Links[1].Vxlan!.Learning, Is.False);
        Assert.That(design.Links[1].Port, Is.EqualTo(new BridgePortSettings(Learning: false, NeighbourSuppression: true)));
        Assert.That(design.Forwarding, Is.Null);
    }

    [Test]
    public void Vxlan_ThatIsNotEvpn_HasItsPortAsTheKernelMakesIt() => Assert.That(
        Design(Vxlan(new VxlanMulticast(null))).Links[1].Port, Is.EqualTo(new BridgePortSettings(Learning: true, NeighbourSuppression: false)));

    [Test]
    public void Unicast_WithoutAnAddress_SaysWhatIsMissing() => Assert.That(
        Refused(Vxlan(new VxlanStatic([Peer], [], null)), Wide with { Addresses = [OursV6] }).Message,
        Is.EqualTo("VXLAN 101 has no IPv4 address to send from on cloudbr0"));

    [Test]
    public void Unicast_OfTwoFamilies_IsRefused() => Assert.That(
        Refused(Vxlan(new VxlanStatic([Peer], [], null)) with { LocalAddress = OursV6 }).Reason, Is.EqualTo("ADDRESS_FAMILY"));

    [Test]
    public void GuestMtu_ThatDoesNotFit_SaysWhatItNeedsAndWhereItIsMissing()
    {
        var failure = Refused(Vxlan(new VxlanMulticast(null)), Narrow);
        Assert.That(failure.Reason, Is.EqualTo("UNDERLAY_MTU_TOO_SMALL"));
        Assert.That(failure.Message, Is.EqualTo("guest MTU 1500 needs 1550 on eth0, which has 1500"));
        Assert.That(failure.Remedy, Is.EqualTo("raise it or set guest_mtu 1450"));
    }

    [Test]
    public void GuestMtu_OverIpv6_Needs70More() => Assert.That(
        Refused(Vxlan(new VxlanMulticast(null)) with { LocalAddress = OursV6 }, Narrow).Message,
        Is.EqualTo("guest MTU 1500 needs 1570 on eth0, which has 1500"));

    [Test]
    public void GuestMtu_OfAVlan_NeedsNothingMore() => Assert.That(Design(new VlanIsolation(5), Narrow).GuestMtu, Is.EqualTo(1500));

    [TestCase(false, 1450)]
    [TestCase(true, 1430)]
    public void GuestMtu_ThatMayFit_BecomesWhatThereIsRoomFor(bool ipv6, int mtu)
    {
        var network = Network(Vxlan(new VxlanMulticast(null)) with { LocalAddress = ipv6 ? OursV6 : null }) with { MtuPolicy = MtuPolicy.Fit };
        var design = Provider.Design(network, Narrow, [])!;
        Assert.That((design.GuestMtu, design.WantedMtu), Is.EqualTo((mtu, 1500)));
        Assert.That(design.Links.All(l => l.Mtu == mtu));
    }

    [Test]
    public void GuestMtu_ThatMayFit_DoesNotGoBelowWhatIpNeeds()
    {
        var failures = new List<Failure>();
        var network = Network(Vxlan(new VxlanMulticast(null))) with { MtuPolicy = MtuPolicy.Fit };
        Assert.That(Provider.Design(network, Narrow with { UplinkMtu = 600 }, failures), Is.Null);
        Assert.That(failures[0].Remedy, Is.EqualTo("raise it"));
    }

    [Test]
    public void Bridge_TakesTheOptionsAndDefaultsForTheRest()
    {
        var network = Network(new VlanIsolation(5)) with
        {
            Bridge = new BridgeOptions { Stp = true, AgeingMs = 10_000, Mac = MacAddress.Parse("02:11:22:33:44:55") },
        };
        var bridge = Provider.Design(network, Wide, [])!.Links[0];
        Assert.That(bridge.Bridge, Is.EqualTo(new BridgeSettings(true, 0, false, false, 0, 10_000)));
        Assert.That(bridge.Mac, Is.EqualTo(network.Bridge.Mac));
    }

    private static LinuxBridgeProvider Provider => new(TestAgent.AllOf(LinuxBridgeProvider.Name), TestAgent.Hostname);

    private static VxlanIsolation Vxlan(VxlanMode mode, int vni = 101) => new(vni, null, null, mode, null);

    private static Network Network(Isolation isolation) => new() { Id = "n1", PhysicalNetwork = "cloudbr0", Isolation = isolation };

    private static NetworkDesign Design(Isolation isolation, Underlay? underlay = null)
    {
        var failures = new List<Failure>();
        var design = Provider.Design(Network(isolation), underlay ?? Wide, failures);
        Assert.That(failures, Is.Empty);
        return design!;
    }

    private static Failure Refused(Isolation isolation, Underlay? underlay = null)
    {
        var failures = new List<Failure>();
        Assert.That(Provider.Design(Network(isolation), underlay ?? Wide, failures), Is.Null);
        return failures.Single();
    }
}
