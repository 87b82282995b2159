using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What the agent answers about a label, from how the host really is.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge)]
public sealed class PhysicalCheckTests
{
    private static readonly PhysicalNetwork Asked = AgentHostScene.CheckOnly("cloudbr0") with { Uplink = "eth0" };

    private TwoHosts _hosts = null!;
    private AgentHostScene _host = null!;

    private NetNamespace Network => _hosts.First.Namespace;

    [SetUp]
    public void MakeABridgeWithAnUplink()
    {
        _hosts = TwoHosts.Create(mtu: 1500);
        new CloudStackDevices(Network).AddPhysicalBridge("eth0", ["192.0.2.1/24"]);
        RichHost.Settle(Network, "cloudbr0");
        _host = new AgentHostScene(Network);
    }

    [TearDown]
    public void Leave()
    {
        _host.Dispose();
        _hosts.Dispose();
    }

    [Test]
    [MachineOnly]
    public void Bridge_WithAnUplinkThatCarries_IsFound()
    {
        var check = _host.Check(Asked);

        Assert.That((check.Result, check.Bridge, check.Uplink, check.Mtu), Is.EqualTo((PhysicalCheckResult.Found, "cloudbr0", "eth0", (int?)1500)));
        Assert.That(check.Problems, Is.Empty);
    }

    [Test, Needs(Feature.Bonding)]
    public void Bridge_WhoseUplinkIsNotNamed_IsFoundByItsOneMemberThatLeadsOut()
    {
        Network.Ip("link set eth0 nomaster", "link add name bond0 type bond", "link set bond0 master cloudbr0", "link set bond0 up");

        Await(Asked with { Uplink = "" }, PhysicalCheckResult.UplinkDown, "bond0 has no carrier");
    }

    [Test]
    [MachineOnly]
    public void Uplink_WithoutABridge_IsFound()
    {
        VethPair.Connect(new(Network, "eth1"), new(_hosts.Second.Namespace, "eth1"));

        Await(AgentHostScene.CheckOnly("eth1"), PhysicalCheckResult.Found, "eth1");
    }

    [Test, Needs(Feature.Vxlan)]
    [MachineOnly]
    public void Label_ThatIsNotHere_IsMissingAndTheBridgesThatAreHereAreNamed()
    {
        Network.Ip("link add name virbr0 type bridge");
        Expect.Applied(_host.Apply(AgentHostScene.Config(
            Asked, AgentHostScene.Vxlan(101, new VxlanMulticast(null), 1400) with { PhysicalNetwork = "cloudbr0" })));

        var check = Await(AgentHostScene.CheckOnly("cloudbr7"), PhysicalCheckResult.Missing, "bridges here: cloudbr0, virbr0");

        Assert.That(check.BridgesHere, Is.EqualTo(["cloudbr0", "virbr0"]));
    }

    [Test]
    [MachineOnly]
    public void Bridge_WithoutAMemberThatLeadsOut_HasNoUplink()
    {
        Network.Ip("link set eth0 nomaster");

        Await(Asked with { Uplink = "" }, PhysicalCheckResult.NoUplink, "cloudbr0");
        Await(Asked, PhysicalCheckResult.NoUplink, "eth0 is here, and not in cloudbr0");
        Await(Asked with { Uplink = "eth5" }, PhysicalCheckResult.NoUplink, "eth5");
    }

    [Test]
    [MachineOnly]
    public void Uplink_SwitchedOff_IsDown()
    {
        Network.Ip("link set eth0 down");

        Await(Asked, PhysicalCheckResult.UplinkDown, "eth0 is switched off");
    }

    [Test]
    public void Uplink_WithoutCarrier_IsDown()
    {
        _hosts.Second.Namespace.Ip("link set eth0 down");

        Await(Asked, PhysicalCheckResult.UplinkDown, "eth0 has no carrier");
    }

    [Test]
    [MachineOnly]
    public void Underlay_NarrowerThanAskedFor_IsTooSmall()
    {
        Await(Asked with { Mtu = 1600 }, PhysicalCheckResult.MtuTooSmall, "1600");
        Network.Ip("link set eth0 mtu 1600", "link set cloudbr0 mtu 1600");
        Await(Asked with { Mtu = 1600 }, PhysicalCheckResult.Found, "eth0");
    }

    [Test]
    [MachineOnly]
    public void Uplink_OfAnotherBridge_IsAConflict()
    {
        Network.Ip("link add name br-theirs type bridge", "link set eth0 master br-theirs");

        Await(Asked, PhysicalCheckResult.Conflict, "br-theirs (bridge)");
        Await(AgentHostScene.Manage("cloudbr0"), PhysicalCheckResult.Conflict, "br-theirs (bridge)");
    }

    [Test]
    [MachineOnly]
    public void Label_OfADeviceThatIsNoBridge_IsAConflict() =>
        Await(AgentHostScene.CheckOnly("eth0") with { Uplink = "eth1" }, PhysicalCheckResult.Conflict, "eth0 is here, and is no bridge");

    [Test]
    [MachineOnly]
    public void ManagedBridge_ThatIsNotThereOrNotComplete_IsToBeMade()
    {
        Await(AgentHostScene.Manage("cloudbr0", mtu: 1600), PhysicalCheckResult.ToBeMade, "eth0");
        Await(AgentHostScene.Manage("cloudbr0"), PhysicalCheckResult.Found, "eth0");
        Network.Ip("link set eth0 nomaster");
        Await(AgentHostScene.Manage("cloudbr0"), PhysicalCheckResult.ToBeMade, "eth0");
        Network.Ip("link del cloudbr0");
        Await(AgentHostScene.Manage("cloudbr0"), PhysicalCheckResult.ToBeMade, "eth0");
    }

    /// <summary>The answer follows the kernel's reports, nobody has to have it read anew.</summary>
    private PhysicalCheck Await(PhysicalNetwork asked, PhysicalCheckResult result, string words)
    {
        PhysicalCheck check = null!;
        try
        {
            _host.WaitUntil(words, _ => (check = _host.Check(asked)).Result == result);
        }
        catch (TimeoutException)
        {
            // The assertion tells more.
        }

        Assert.That(check.Result, Is.EqualTo(result), check.Message);
        Assert.That(check.Message, Does.Contain(words));
        return check;
    }
}
