using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>VXLAN whose peers the configuration names: its forwarding table is what was asked for.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class VxlanStaticTests
{
    private const string Everyone = "00:00:00:00:00:00";

    [TestCase(false)]
    [TestCase(true, Category = MachineOnlyAttribute.Name)]
    public async Task Guests_OfHostsThatAreEachOthersPeer_ExchangeFullFrames(bool ipv6)
    {
        using var hosts = TwoHosts.Create(ipv6 ? 1570 : 1550);
        using var agents = new TwoAgents(hosts);
        string Address(Host host) => ipv6 ? host.Ipv6 : host.Ipv4;

        agents.Apply(host => Config(CheckOnly("eth0"), Static(101, Address(hosts.PeerOf(host)))));

        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo([$"{Everyone} {Address(hosts.Second)}"]));
        var (left, right) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);
        Assert.That(left.Ping(RightAddress, packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
        Assert.That((await left.SendToAsync(right, "-n", "8M")).BytesReceived, Is.GreaterThan(1 << 20));
    }

    [Test]
    public void Peers_AddedRemovedAndReplaced_AreTheWholeTable_AndLearntMacsStay()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        agents.Apply(host => Config(CheckOnly("eth0"), Static(101, hosts.PeerOf(host).Ipv4)));
        var (left, right) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);
        var learnt = $"{right.Mac} 192.0.2.2";
        Assert.That(Shown.Learnt(hosts.First.Namespace, "vxlan101"), Does.Contain(learnt));

        foreach (var peers in new[]
        {
            ["192.0.2.2", "192.0.2.8", "192.0.2.9"],
            ["192.0.2.2", "192.0.2.9"],
            ["192.0.2.3", "192.0.2.4"],
            [],
            new[] { "192.0.2.2" },
        })
        {
            var config = Config(CheckOnly("eth0"), Static(101, peers));
            agents.First.Apply(config).MustBe(ChangeOutcome.Applied);

            Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo(peers.Select(p => $"{Everyone} {p}")));
            Assert.That(Shown.Learnt(hosts.First.Namespace, "vxlan101"), Does.Contain(learnt));
            agents.First.MustBeSettled(config);
        }

        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));
    }

    [Test, MachineOnly]
    public void Macs_AreFoundWhereTheConfigurationSays_AndFollowIt()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        agents.Apply(host => Config(CheckOnly("eth0"), Static(101, hosts.PeerOf(host).Ipv4)));
        var (left, right) = agents.AddGuests("net-101");
        left.Namespace.Ip($"neighbour replace {RightAddress} lladdr {right.Mac} dev eth0");

        agents.First.Apply(Config(CheckOnly("eth0"), At(right.Mac, "192.0.2.9"))).MustBe(ChangeOutcome.Applied);
        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo([$"{right.Mac} 192.0.2.9"]));
        Assert.That(left.Ping(RightAddress, count: 1), Is.EqualTo(new Ping(1, 0)));

        var config = Config(CheckOnly("eth0"), At(right.Mac, "192.0.2.2"));
        agents.First.Apply(config).MustBe(ChangeOutcome.Applied);
        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo([$"{right.Mac} 192.0.2.2"]));
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));
        Assert.That(Shown.Learnt(hosts.First.Namespace, "vxlan101"), Is.Empty, "where MACs are said nothing is learnt");
        agents.First.MustBeSettled(config);
    }

    [Test]
    public void Entry_PutInByHand_GoesWithTheNextApply_AndOneTakenOutComesBack()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace);
        var config = Config(CheckOnly("eth0"), Static(101, "192.0.2.2"));
        agent.Apply(config).MustBe(ChangeOutcome.Applied);
        var wanted = Shown.Entries(hosts.First.Namespace, "vxlan101");

        hosts.First.Namespace.Exec("bridge", "fdb", "append", Everyone, "dev", "vxlan101", "dst", "192.0.2.66", "self", "permanent");
        hosts.First.Namespace.Exec("bridge", "fdb", "add", "02:00:00:00:00:66", "dev", "vxlan101", "dst", "192.0.2.66", "self", "permanent");
        hosts.First.Namespace.Exec("bridge", "fdb", "del", Everyone, "dev", "vxlan101", "dst", "192.0.2.2");
        agent.Apply(config).MustBe(ChangeOutcome.Applied);

        Assert.That(Shown.Entries(hosts.First.Namespace, "vxlan101"), Is.EqualTo(wanted));
        agent.MustBeSettled(config);
    }

    private static Network At(string mac, string peer) =>
        Vxlan(101, new VxlanStatic([], [new VxlanEntry(MacAddress.Parse(mac), IPAddress.Parse(peer))], null));
}
