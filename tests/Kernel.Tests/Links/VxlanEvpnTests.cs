using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>VXLAN whose forwarding table real FRR fills: the agent makes the device, and leaves the table to it.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class VxlanEvpnTests
{
    private const string Everyone = "00:00:00:00:00:00";

    [Test, MachineOnly]
    public async Task Macs_ThatCameByBgp_CarryGuestsAndSurviveAnotherApply()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly("eth0"), Evpn(101));
        agents.Apply(config);
        var (left, right) = agents.AddGuests("net-101");
        var (first, second) = await Frr.StartEvpnAsync(hosts);
        using (first)
        using (second)
        {
            left.WaitUntilReaches(RightAddress);
            first.WaitForRemoteMac(101, right.Mac, hosts.Second.Ipv4);
            second.WaitForRemoteMac(101, left.Mac, hosts.First.Ipv4);
            var entries = Shown.Entries(hosts.First.Namespace, "vxlan101");
            Assert.That(entries, Does.Contain($"{right.Mac} 192.0.2.2 extern_learn"));

            agents.First.MustBeSettled(config);
            agents.First.Change(new Resync()).MustBe(ChangeOutcome.Unchanged);

            Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo(entries));
            var member = Shown.Member(hosts.First.Namespace, "vxlan101");
            Assert.That(member.GetProperty("neigh_suppress").GetBoolean());
            Assert.That(member.GetProperty("learning").GetBoolean(), Is.False);
            Assert.That(Shown.Learnt(hosts.First.Namespace, "vxlan101"), Is.Empty);
            Assert.That(left.Ping(RightAddress, packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
            Assert.That((await left.SendToAsync(right, "-n", "8M")).BytesReceived, Is.GreaterThan(1 << 20));
        }
    }

    [Test, MachineOnly]
    public async Task Network_ThatTurnsToEvpnAndBack_KeepsNoEntryOfTheOtherMode()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        HostConfig Static(Host host) => Config(CheckOnly("eth0"), TwoAgents.Static(101, hosts.PeerOf(host).Ipv4, "192.0.2.9"));
        agents.Apply(Static);
        var (left, right) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);

        agents.Apply(Config(CheckOnly("eth0"), Evpn(101)));

        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.Empty, "nobody has told of a peer yet");
        var (first, second) = await Frr.StartEvpnAsync(hosts);
        using (first)
        using (second)
        {
            left.WaitUntilReaches(RightAddress);
            first.WaitForRemoteMac(101, right.Mac, hosts.Second.Ipv4);
            Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Has.None.Contains("192.0.2.9"));
        }

        agents.Apply(Static);

        // MACs that a daemon left behind would never age.
        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo([$"{Everyone} 192.0.2.2", $"{Everyone} 192.0.2.9"]));
        var member = Shown.Member(hosts.First.Namespace, "vxlan101");
        Assert.That(member.GetProperty("neigh_suppress").GetBoolean(), Is.False);
        Assert.That(member.GetProperty("learning").GetBoolean());
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));
    }

    [Test]
    public void NeighbourSuppression_ThatIsNotWanted_IsOff()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace);

        agent.Apply(Config(CheckOnly("eth0"), Vxlan(101, new VxlanEvpn(false)))).MustBe(ChangeOutcome.Applied);

        var member = Shown.Member(hosts.First.Namespace, "vxlan101");
        Assert.That(member.GetProperty("neigh_suppress").GetBoolean(), Is.False);
        Assert.That(member.GetProperty("learning").GetBoolean(), Is.False);
    }
}
