using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning;

/// <summary>Devices with just the name and the number that a network needs, which somebody uses for something else.</summary>
internal sealed class AdoptionTests
{
    private readonly TestAgent _agent = new(new MemoryHost());

    [SetUp]
    public void PutAnUplinkUnderABridge() => Put(new Nic("eth0", 1500), new HandBridge("cloudbr0", "eth0"));

    [Test]
    public void Adopt_MemberOfAnOperatorsBridge_IsRefused()
    {
        Put(new HandBridge("br-mgmt"), new ForeignVlan("eth0.100", "eth0", 100, 1500));
        Hand.Enslave(_agent.Host, _agent.Host.State.Find("eth0.100")!, _agent.Host.State.Find("br-mgmt")!.Index);
        AssertRefused("eth0.100 is here already and belongs to br-mgmt (bridge): the agent does not take it for a network's");
    }

    [TestCase("10.0.0.5/24")]
    [TestCase("2001:db8::5/64")]
    [TestCase("fec0::5/64", (byte)200)]
    public void Adopt_DeviceWithAddressesOfTheHost_IsRefused(string address, byte scope = 0)
    {
        Put(new ForeignVlan("eth0.100", "eth0", 100, 1500));
        _agent.Host.PutForeign("eth0.100", new InterfaceAddress(IpPrefix.Parse(address)) { Scope = scope });
        AssertRefused($"eth0.100 is here already and has the host's own addresses {address}: the agent does not take it for a network's");
    }

    [Test]
    public void Adopt_UplinkOfAPhysicalNetwork_IsRefused()
    {
        Put(new ForeignVlan("eth0.100", "eth0", 100, 1500));
        AssertRefused(
            "eth0.100 is here already and is the uplink of the physical network eth0.100: the agent does not take it for a network's",
            new Physical(new PhysicalNetwork { Label = "eth0.100" }));
    }

    [Test]
    public void Adopt_DeviceThatNobodyUses_IsAdopted()
    {
        Put(new ForeignVlan("eth0.100", "eth0", 100, 1500));
        Assert.That(_agent.Apply(Vlan100()), Is.True);
        Assert.That(_agent.Host.State.Find("eth0.100")!.Alias, Is.EqualTo("cloudbr:network:n1"));
    }

    [Test]
    public void Repair_AddressOnTheAgentsOwnDevice_IsLostAndTheWayBackHasIt()
    {
        _agent.Apply(Vlan100());
        var device = _agent.Host.State.Find("eth0.100")!;
        _agent.Host.Apply(new ChangeLink(
            ObjectRef.Link(device.Name), StepAction.Update, device.Name, device.Kind, new LinkChange { Ipv6Off = false }, new LinkChange()));
        Put(new Address("eth0.100", "2001:db8::5/64"), new StaticRoute("eth0.100", "2001:db8:1::/48", "2001:db8::1", 4, 1024));
        var before = StateText.Of(_agent.Host.State);
        var steps = _agent.Make(Vlan100()).Plan.Steps;
        _agent.Host.Apply(steps);
        Assert.That(_agent.Host.State.Addresses(device.Index), Is.Empty);
        TestAgent.Undo(_agent.Host, steps);
        Assert.That(StateText.Of(_agent.Host.State), Is.EqualTo(before));
    }

    [Test]
    public void Adopt_BridgeInAVrf_LeavesItThere()
    {
        var vrf = _agent.Host.PutForeign(new Link { Index = 0, Name = "tenants", Kind = LinkKind.Vrf, Mtu = 1500, Up = true });
        _agent.Host.PutForeign(_agent.Host.State.Find("cloudbr0")! with { Name = "breth0-100", Master = vrf });
        Assert.That(_agent.Apply(Vlan100()), Is.True);
        var bridge = _agent.Host.State.Find("breth0-100")!;
        Assert.That((bridge.Alias, bridge.Master), Is.EqualTo(("cloudbr:network:n1", vrf)));
    }

    [Test]
    public void Adopt_ControlBridge_KeepsItsMac()
    {
        Put(new HandBridge("cloud0"));
        var mac = _agent.Host.State.Find("cloud0")!.Mac;
        var config = new Control(new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null)).AddTo(HostConfig.Empty);
        Assert.That(_agent.Apply(config), Is.True);
        Assert.That(_agent.Host.State.Find("cloud0")!.Mac, Is.EqualTo(mac));
    }

    [Test]
    public void Remove_NetworkAfterARestart_LeavesTheGroupsRouteToTheOtherInIt()
    {
        ConfigItem[] items = [new Physical(new PhysicalNetwork { Label = "cloudbr0" }), InGroup("n1", 100), InGroup("n2", 101)];
        _agent.Apply(items.Aggregate(HostConfig.Empty, (config, item) => item.AddTo(config)));
        Assert.That(new TestAgent(_agent.Host).Apply(HostConfig.Empty, ["n1"]), Is.True);
        Assert.That(_agent.Host.State.Find("vxlan100"), Is.Null);
        Assert.That(_agent.Host.State.Routes.Count(r => r.Protocol == RouteProtocol.Agent), Is.EqualTo(1));
        Assert.That(new TestAgent(_agent.Host).Apply(HostConfig.Empty, ["n2"]), Is.True);
        Assert.That(_agent.Host.State.Routes.Count(r => r.Protocol == RouteProtocol.Agent), Is.Zero);

        static Segment InGroup(string id, int vni) => new(new Network
        {
            Id = id,
            PhysicalNetwork = "cloudbr0",
            Isolation = new VxlanIsolation(vni, null, null, new VxlanMulticast(System.Net.IPAddress.Parse("239.7.7.7")), null),
            MtuPolicy = MtuPolicy.Fit,
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Verify_UntaggedNetworkWithoutItsBridge_SaysSo(bool isForOne)
    {
        ConfigItem[] items =
        [
            new Physical(new PhysicalNetwork { Label = "cloudbr0" }),
            new Segment(new Network { Id = "n1", PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() }),
        ];
        _agent.Apply(items.Aggregate(HostConfig.Empty, (config, item) => item.AddTo(config)));
        Assert.That(_agent.Verify(), Is.Empty);
        _agent.Host.Apply(new DeleteLink(ObjectRef.Link("cloudbr0"), new LinkSpec { Name = "cloudbr0", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 }, []));
        var failure = _agent.Verify(isForOne ? ["n1"] : null).Single();
        Assert.That((failure.Reason, failure.Subject), Is.EqualTo(("BRIDGE_MISSING", ObjectRef.Network("n1"))));
    }

    [Test]
    public void Adopt_VlanOfAnotherProtocol_IsRefused()
    {
        var parent = _agent.Host.State.Find("eth0")!.Index;
        var vlan = new VlanSettings(100) { Protocol = VlanSettings.ServiceTag };
        _agent.Host.PutForeign(new Link { Index = 0, Name = "eth0.100", Kind = LinkKind.Vlan, Parent = parent, Vlan = vlan, Mtu = 1500, Up = true });
        AssertTaken("eth0.100 is here already and is not what the network needs: it is a vlan device with VLAN 100 of 802.1ad on eth0 of somebody else's");
    }

    [Test]
    public void Adopt_BridgeThatFiltersVlans_IsRefused()
    {
        var bridge = BridgeDefaults.Settings(null) with { VlanFiltering = true };
        _agent.Host.PutForeign(new Link { Index = 0, Name = "breth0-100", Kind = LinkKind.Bridge, Bridge = bridge, Mtu = 1500, Up = true });
        AssertTaken("breth0-100 is here already and is not what the network needs: it is a bridge device of somebody else's; its vlan_filtering is 1 and should be 0");
    }

    private void AssertTaken(string words) => AssertFails("DEVICE_EXISTS", words);

    private void AssertRefused(string words, params ConfigItem[] more) => AssertFails("DEVICE_IN_USE", words, more);

    private void AssertFails(string reason, string words, params ConfigItem[] more)
    {
        var failure = _agent.Make(Vlan100(more)).Plan.Failures.Single();
        Assert.That((failure.Reason, failure.Message), Is.EqualTo((reason, words)));
    }

    private void Put(params HostItem[] items) => Array.ForEach(items, i => i.PutOn(_agent.Host));

    private static HostConfig Vlan100(params ConfigItem[] more) => new ConfigItem[]
    {
        new Physical(new PhysicalNetwork { Label = "cloudbr0" }),
        new Segment(new Network { Id = "n1", PhysicalNetwork = "cloudbr0", Isolation = new VlanIsolation(100) }),
    }.Concat(more).Aggregate(HostConfig.Empty, (config, item) => item.AddTo(config));
}
