using System.Net;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A guest's frames fit through the underlay, or the network says that they do not.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class GuestMtuTests
{
    [TestCase(false, 1549, 1550)]
    [TestCase(false, 1500, 1550)]
    [TestCase(true, 1569, 1570), MachineOnly]
    public void Underlay_ThatIsTooNarrow_IsRefusedAndNothingIsChanged(bool ipv6, int has, int needs)
    {
        using var hosts = TwoHosts.Create(has);
        var host = hosts.First.Namespace;
        using var agent = new AgentHostScene(host);
        var before = HostSnapshot.Of(host);

        var report = agent.Apply(Config(CheckOnly("eth0"), Segment(hosts.First, ipv6, MtuPolicy.Require))).MustBe(ChangeOutcome.FailedUndone);

        Assert.That(report.Failures[0].Message, Is.EqualTo($"guest MTU 1500 needs {needs} on eth0, which has {has}"));
        Assert.That(report.Failures[0].Reason, Is.EqualTo("UNDERLAY_MTU_TOO_SMALL"));
        Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(before));
        Assert.That(agent.Writes, Is.Zero);
    }

    [TestCase(false, 1450)]
    [TestCase(true, 1430), MachineOnly]
    public void Fit_LowersTheGuestsMtu_AndSaysSo(bool ipv6, int mtu)
    {
        using var hosts = TwoHosts.Create(1500);
        using var agents = new TwoAgents(hosts);

        var report = agents.First.Apply(Config(CheckOnly("eth0"), Segment(hosts.First, ipv6, MtuPolicy.Fit))).MustBe(ChangeOutcome.Applied);
        agents.Second.Apply(Config(CheckOnly("eth0"), Segment(hosts.Second, ipv6, MtuPolicy.Fit))).MustBe(ChangeOutcome.Applied);

        Assert.That(report.Warnings.Single().Reason, Is.EqualTo("GUEST_MTU_LOWERED"));
        Assert.That(report.Warnings[0].Message, Does.Contain("1500").And.Contain($"{mtu}"));
        Assert.That(Shown.Mtu(hosts.First.Namespace, "vxlan101"), Is.EqualTo(mtu));
        Assert.That(Shown.Mtu(hosts.First.Namespace, "brvx-101"), Is.EqualTo(mtu));
        var (left, _) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);
        Assert.That(left.Ping(RightAddress, packetBytes: mtu, dontFragment: true), Is.EqualTo(new Ping(3, 3)));

        // One who takes the MTU that the answer names is told by his own NIC.
        var size = $"{mtu + 1 - 28}";
        var tooLong = left.Namespace.TryExec(["ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", size, RightAddress]);
        Assert.That(tooLong.Succeeded, Is.False);
        Assert.That(tooLong.Output + tooLong.Error, Does.Contain($"mtu={mtu}").Or.Contain("Message too long"));
    }

    [Test, MachineOnly]
    public void Guest_WiderThanItsNetwork_LosesWhatIsTooLongAtItsBridge()
    {
        using var hosts = TwoHosts.Create(1500);
        using var agents = new TwoAgents(hosts);
        agents.Apply(host => Config(CheckOnly("eth0"), Segment(host, ipv6: false, MtuPolicy.Fit)));
        agents.AddGuests("net-101");
        var wide = hosts.First.AddGuest(["10.0.0.3/24"], "brvx-101", mtu: 1500);
        wide.WaitUntilReaches(RightAddress);
        using var underlay = FrameCapture.Start(hosts.First.Namespace, hosts.First.Uplink);

        Assert.That(wide.Ping(RightAddress, count: 1, packetBytes: 1451, dontFragment: true), Is.EqualTo(new Ping(1, 0)));
        Assert.That(wide.Ping(RightAddress, count: 1, packetBytes: 1450, dontFragment: true), Is.EqualTo(new Ping(1, 1)));

        var frames = underlay.Until("the one that fits", f => f.Inner?.Source == "10.0.0.3" && f.Inner.IpProtocol == Frame.Icmp);
        Assert.That(frames[^1].Bytes, Has.Length.EqualTo(1514));
    }

    private static Network Segment(Host host, bool ipv6, MtuPolicy policy) => (ipv6
        ? Multicast(101, "ff05::101") with { Isolation = new VxlanIsolation(101, null, IPAddress.Parse(host.Ipv6), new VxlanMulticast(null), null) }
        : Multicast(101)) with
    { MtuPolicy = policy };
}
