using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning.Design;

internal sealed class DesignerTests
{
    private readonly TestAgent _agent = new(new MemoryHost());

    [SetUp]
    public void PutTwoUplinks()
    {
        new Nic("eth0", 1500).PutOn(_agent.Host);
        new Nic("eth1", 1500).PutOn(_agent.Host);
    }

    [Test]
    public void Next_OneVlanTwice_NamesBothNetworks()
    {
        var failure = Refused(Config([Label("eth0")], [Vlan("n1", "eth0", 5), Vlan("n2", "eth0", 5)]));
        Assert.That(failure.Reason, Is.EqualTo("DUPLICATE_SEGMENT"));
        Assert.That(failure.Message, Is.EqualTo("the networks n1 and n2 both want VLAN 5 on eth0"));
    }

    [Test]
    public void Next_OneVniTwice_NamesBothNetworks()
    {
        var failure = Refused(Config([Label("eth0"), Label("eth1")], [Vxlan("n1", "eth0", 100), Vxlan("n2", "eth1", 100)]));
        Assert.That(failure.Message, Is.EqualTo("the networks n1 and n2 both want VNI 100"));
    }

    [Test]
    public void Next_OneVlanOnTwoUplinks_IsTwoSegments() =>
        Assert.That(_agent.Apply(Config([Label("eth0"), Label("eth1")], [Vlan("n1", "eth0", 5), Vlan("n2", "eth1", 5)])));

    [TestCase(false, false, null), TestCase(true, false, "SHARED_BRIDGE"), TestCase(false, true, "SHARED_BRIDGE"), TestCase(true, true, "SHARED_BRIDGE")]
    public void Next_TwoUntaggedNetworksOnOneBridge_MayBeIfNoneHasSecurityGroups(bool isFirstSecured, bool isSecondSecured, string? refusal)
    {
        new HandBridge("cloudbr1", "eth1").PutOn(_agent.Host);
        var config = Config([Label("cloudbr1")], [Untagged("n1", isFirstSecured), Untagged("n2", isSecondSecured)]);
        Assert.That(_agent.Make(config).Plan.Failures.SingleOrDefault()?.Reason, Is.EqualTo(refusal));

        static Network Untagged(string id, bool isSecured) => new()
        {
            Id = id,
            PhysicalNetwork = "cloudbr1",
            Isolation = new UntaggedIsolation(),
            Security = isSecured ? new NetworkSecurity([]) : null,
        };
    }

    [Test]
    public void Next_NetworksThatSwapSegments_CanBeAtOnce()
    {
        _agent.Apply(Config([Label("eth0")], [Vlan("n1", "eth0", 5), Vlan("n2", "eth0", 6)]));
        Assert.That(_agent.Apply(Config([Label("eth0")], [Vlan("n1", "eth0", 6), Vlan("n2", "eth0", 5)])));
        Assert.That(_agent.Host.State.Find("eth0.5")!.Alias, Is.EqualTo("cloudbr:network:n2"));
    }

    /// <summary>By whose it is, or by the device that their label is or has.</summary>
    [Test]
    public void NetworksOn_AnObject_AreItsOwnAndThoseThatStandOnIt()
    {
        new HandBridge("cloudbr1", "eth1").PutOn(_agent.Host);
        _agent.Apply(Config([Label("eth0"), Label("cloudbr1")], [Vlan("n2", "eth0", 5), Vlan("n1", "eth0", 6), Vlan("n3", "cloudbr1", 7)]));
        Assert.That(
            new[]
            {
                ObjectRef.Link("eth0.5", "n2"), ObjectRef.Link("eth0", "eth0"), ObjectRef.Link("eth1"), new(ObjectKind.Address, "", "10.1.0.5/24", "cloudbr1"),
                new(ObjectKind.Sysctl, "", "net.ipv4.ip_forward"),
            }.Select(o => (string.Join(' ', _agent.Desired.NetworksOn(o).Select(n => n.Id)), _agent.Desired.LabelOf(o))),
            Is.EqualTo(new[] { ("n2", "eth0"), ("n1 n2", ""), ("n3", ""), ("n3", ""), ("", "") }));
    }

    [Test]
    public void Next_NoSuchPhysicalNetwork_SaysSo() => Assert.That(
        Refused(Config([], [Vlan("n1", "cloudbr0", 5)])).Message,
        Is.EqualTo("network n1 rides on cloudbr0, which is no physical network of this host's configuration"));

    [Test]
    public void Next_LabelThatIsOnlyCheckedAndUnused_MayBeMissing() => Assert.That(_agent.Apply(Config([Label("cloudbr7")], [])));

    [Test]
    public void Next_LabelThatIsUsed_MayNotBeMissing()
    {
        var failure = Refused(Config([Label("cloudbr7")], [Vlan("n1", "cloudbr7", 5)]));
        Assert.That((failure.Reason, failure.Subject), Is.EqualTo(("LABEL_MISSING", ObjectRef.Network("n1"))));
    }

    [Test]
    public void Next_TwoManagedLabelsWithOneUplink_NamesBoth() => Assert.That(
        Refused(Config([Managed("cloudbr0", "eth0"), Managed("cloudbr1", "eth0")], [])).Message,
        Is.EqualTo("the physical networks cloudbr0 and cloudbr1 both want the uplink eth0"));

    [Test]
    public void Next_UplinkUnderAManagedBridge_CannotBeALabelToo() => Assert.That(
        Refused(Config([Managed("cloudbr0", "eth0"), Label("eth0")], [])).Reason, Is.EqualTo("SHARED_UPLINK"));

    [Test]
    public void Next_ManagedVlanUplinkWiderThanItsParent_IsRefused()
    {
        new ForeignVlan("storage", "eth0", 77, 1500).PutOn(_agent.Host);
        Assert.That(
            Refused(Config([Managed("cloudbr1", "storage") with { Mtu = 9000 }], [])).Message,
            Is.EqualTo("MTU 9000 was asked for on cloudbr1, and its uplink storage stands on eth0, which has 1500"));
    }

    [Test]
    public void Next_OneNetworkTouchedAfterTheUnderlayGrew_LeavesTheOthersToTheNextLookAtAll()
    {
        var config = Config([Label("eth0")], [Vxlan("n1", "eth0", 100)]);
        _agent.Apply(config);
        _agent.Host.Apply(new Core.Planning.Steps.ChangeLink(
            ObjectRef.Link("eth0"), Core.Planning.Steps.StepAction.Update, "eth0", "", new() { Mtu = 9000 }, new()));
        config = config with { Networks = config.Networks.Add("n2", Vxlan("n2", "eth0", 101)) };
        _agent.Apply(config, ["n2"]);
        Assert.That(_agent.Host.State.Find("brvx-101")!.Mtu, Is.EqualTo(1500));
        Assert.That(_agent.Host.State.Find("brvx-100")!.Mtu, Is.EqualTo(1450));
        _agent.Apply(config);
        Assert.That(_agent.Host.State.Find("brvx-100")!.Mtu, Is.EqualTo(1500));
    }

    [Test]
    public void Next_NothingChanged_KeepsTheDesignsAsTheyAre()
    {
        var config = Config([Label("eth0")], [Vxlan("n1", "eth0", 100)]);
        _agent.Apply(config);
        var before = _agent.Desired.Networks["n1"];
        _agent.Apply(config);
        Assert.That(_agent.Desired.Networks["n1"], Is.SameAs(before));
    }

    [Test]
    public void Next_ProviderSwitchedOff_LeavesWhatItMadeUntilItIsSwitchedOnAgain()
    {
        var on = Config([Label("eth0")], [Vxlan("n1", "eth0", 100)]);
        var off = on with { Providers = [new ProviderSetting("linux-bridge", Enabled: false, null), new ProviderSetting("mirror", Enabled: false, null)] };
        Assert.That(_agent.Apply(on));

        Assert.That(_agent.Apply(off));
        _agent.Host.Apply([new DeleteLink(ObjectRef.Link("vxlan100"), _agent.Desired.Networks["n1"].Links[1], [])]);
        Assert.That(_agent.Make(off).Plan.Steps, Is.Empty);
        Assert.That(_agent.Make(on).Plan.Steps, Is.Not.Empty);
    }

    [Test]
    public void Next_ProviderSwitchedOff_RemovesWhatIsNotWantedAndRefusesToChange()
    {
        var on = Config([Label("eth0")], [Vxlan("n1", "eth0", 100)]);
        ValueList<ProviderSetting> none = [new ProviderSetting("linux-bridge", Enabled: false, null), new ProviderSetting("mirror", Enabled: false, null)];
        Assert.That(_agent.Apply(on));

        Assert.That(Refused(Config([Label("eth0")], [Vxlan("n1", "eth0", 101)]) with { Providers = none }).Reason, Is.EqualTo("NO_PROVIDER"));
        Assert.That(_agent.Apply(Config([Label("eth0")], []) with { Providers = none }));
        Assert.That(_agent.Host.State.Find("vxlan100"), Is.Null);
    }

    [Test]
    public void Next_ProviderSwitchedOff_AnotherThatFitsTakesOver()
    {
        var on = Config([Label("eth0")], [Vxlan("n1", "eth0", 100)]);
        Assert.That(_agent.Apply(on));

        Assert.That(_agent.Apply(on with { Providers = [new ProviderSetting("linux-bridge", Enabled: false, null)] }));
        Assert.That(_agent.Desired.Networks["n1"].Provider, Is.EqualTo("mirror"));
    }

    private Failure Refused(HostConfig config)
    {
        var (next, plan) = _agent.Make(config);
        Assert.That(next, Is.Null);
        return plan.Failures.Single();
    }

    private static HostConfig Config(IEnumerable<PhysicalNetwork> labels, IEnumerable<Network> networks)
    {
        var config = HostConfig.Empty;
        config = labels.Aggregate(config, (c, l) => new Physical(l).AddTo(c));
        return networks.Aggregate(config, (c, n) => new Segment(n).AddTo(c));
    }

    private static PhysicalNetwork Label(string label) => new() { Label = label };

    private static PhysicalNetwork Managed(string label, string uplink) => new() { Label = label, Mode = PhysicalNetworkMode.Manage, Uplink = uplink };

    private static Network Vlan(string id, string label, int vid) => new() { Id = id, PhysicalNetwork = label, Isolation = new VlanIsolation(vid) };

    private static Network Vxlan(string id, string label, int vni) => new()
    {
        Id = id,
        PhysicalNetwork = label,
        Isolation = new VxlanIsolation(vni, null, null, new VxlanMulticast(null), null),
        MtuPolicy = MtuPolicy.Fit,
    };
}
