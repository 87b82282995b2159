using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>VXLAN that finds its peers by IP multicast, as CloudStack's hosts do.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class VxlanMulticastTests
{
    private const int Ipv4Underlay = 1550;
    private const int Ipv6Underlay = 1570;

    [TestCase(Ipv4Underlay, null, "239.1.2.3")]
    [TestCase(Ipv4Underlay, "239.200.0.7", "239.200.0.7", Category = MachineOnlyAttribute.Name)]
    [TestCase(Ipv6Underlay, "ff05::77:7", "ff05::77:7", Category = MachineOnlyAttribute.Name)]
    public async Task Guests_InOneGroup_ExchangeFullFrames(int underlay, string? asked, string group)
    {
        using var hosts = TwoHosts.Create(underlay);
        using var agents = new TwoAgents(hosts);

        agents.Apply(Config(CheckOnly("eth0"), Multicast(66051, asked)));

        await MustCarry(agents, group);
    }

    [MachineOnly]
    [Test]
    public async Task Guests_OverAnIpv6Underlay_MeetInTheGroupOfTheirVni()
    {
        using var hosts = TwoHosts.Create(Ipv6Underlay);
        using var agents = new TwoAgents(hosts);

        agents.Apply(host => Config(CheckOnly("eth0") with { TunnelAddress = IPAddress.Parse(host.Ipv6) }, Multicast(66051)));

        await MustCarry(agents, "ff05::1:2:3");
    }

    [Test, MachineOnly]
    public void Label_ThatNamesTheBridge_IsWhatTheTunnelStandsOn()
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            new CloudStackDevices(host.Namespace).AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"]);
        }

        using var agents = new TwoAgents(hosts);
        agents.Apply(Config(CheckOnly("cloudbr0"), Multicast(101) with { PhysicalNetwork = "cloudbr0" }));
        var (left, _) = agents.AddGuests("net-101");

        left.WaitUntilReaches(RightAddress);
        Assert.That(Shown.Kind(hosts.First.Namespace, "vxlan101").GetProperty("link").GetString(), Is.EqualTo("cloudbr0"));
        Assert.That(Shown.AgentsRoutes(hosts.First.Namespace), Is.EqualTo(["239.0.0.101 cloudbr0"]));
    }

    [Test, MachineOnly]
    public void TwoNetworks_WithTheSameAddresses_DoNotHearEachOther()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);

        agents.Apply(Config(CheckOnly("eth0"), Multicast(101), Multicast(102)));

        agents.MustKeepApart("net-101", "net-102");
    }

    [Test, MachineOnly]
    public void AppliedAgain_WritesNothing_AndTakenAwayLeavesNothing()
    {
        using var hosts = TwoHosts.Create();
        using var agent = new AgentHostScene(hosts.First.Namespace);
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var config = Config(CheckOnly("eth0"), Multicast(101), Multicast(102, "ff05::102") with { GuestMtu = 1400 });

        agent.Apply(config).MustBe(ChangeOutcome.Applied);
        agent.MustBeSettled(config);
        Assert.That(Shown.AgentsRoutes(hosts.First.Namespace), Is.EqualTo(["239.0.0.101 eth0", "ff05::102 eth0"]));
        agent.Shutdown("net-101").MustBe(ChangeOutcome.Applied);
        Assert.That(Shown.AgentsRoutes(hosts.First.Namespace), Is.EqualTo(["ff05::102 eth0"]));
        agent.Apply(HostConfig.Empty).MustBe(ChangeOutcome.Applied);

        Assert.That(HostSnapshot.Of(hosts.First.Namespace), HostSnapshot.SameAs(before));
    }

    /// <summary>net.ipv4.igmp_max_memberships starts at 20.</summary>
    [MachineOnly]
    [Test]
    public void TheTwentyFirstGroup_IsUndoneCompletely_AndWorksOnceTheLimitIsRaised()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        var twenty = Config(CheckOnly("eth0"), Enumerable.Range(1, 20).Select(vni => Multicast(vni)));
        agents.Apply(twenty);
        var (left, _) = agents.AddGuests("net-20");
        left.WaitUntilReaches(RightAddress);
        var before = HostSnapshot.Of(hosts.First.Namespace);

        var report = agents.First.Implement(Multicast(21)).MustBe(ChangeOutcome.FailedUndone);

        Assert.That(report.Failures[0].Reason, Is.EqualTo("MULTICAST_GROUPS_EXHAUSTED"));
        Assert.That(report.Failures[0].Kind, Is.EqualTo(FailureKind.ResourceExhausted));
        Assert.That(report.Failures[0].Remedy, Does.Contain("settings.igmp_max_memberships"));
        Assert.That(report.Undone!.Complete);
        Assert.That(HostSnapshot.Of(hosts.First.Namespace), HostSnapshot.SameAs(before));
        agents.First.MustBeSettled(twenty);
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));

        agents.Apply(twenty with
        {
            Settings = new HostSettings { IgmpMaxMemberships = 21 },
            Networks = twenty.Networks.Add("net-21", Multicast(21)),
        });

        var (last, _) = agents.AddGuests("net-21");
        last.WaitUntilReaches(RightAddress);
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));
    }

    private static async Task MustCarry(TwoAgents agents, string group)
    {
        var host = agents.Hosts.First.Namespace;
        Assert.That(Shown.AgentsRoutes(host), Is.EqualTo([$"{group} eth0"]));
        Assert.That(Shown.Kind(host, "vxlan66051").ToString(), Does.Contain($"\"{group}\""));
        var (left, right) = agents.AddGuests("net-66051");
        left.WaitUntilReaches(RightAddress);
        Assert.That(left.Ping(RightAddress, packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
        Assert.That((await left.SendToAsync(right, "-n", "8M")).BytesReceived, Is.GreaterThan(1 << 20));
    }
}
