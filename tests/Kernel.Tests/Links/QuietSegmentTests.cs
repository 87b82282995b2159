using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>On a tenant's segment the host is not there: it has no address on it and says nothing.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class QuietSegmentTests
{
    private const int Icmpv6 = 58;
    private const byte RouterSolicitation = 133;

    [Test]
    public void Host_SaysNothingOnASegment_WhereAnyOtherBridgeWouldByNow()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly("eth0"), Multicast(101));
        agents.Second.Apply(config).MustBe(ChangeOutcome.Applied);
        var right = hosts.Second.AddGuest([$"{RightAddress}/24"], "brvx-101");
        using var heard = FrameCapture.Start(right.Namespace, "eth0");

        agents.First.Apply(config).MustBe(ChangeOutcome.Applied);
        WaitUntilAnOrdinaryBridgeHasSpoken(hosts.First.Namespace);
        var left = hosts.First.AddGuest([$"{LeftAddress}/24"], "brvx-101");
        left.WaitUntilReaches(RightAddress);

        var frames = heard.Until("the guest's echo request", f => f.SourceMac == left.Mac && f.IpProtocol == Frame.Icmp);
        // The end of a guest's NIC on its host is the hypervisor's and not the agent's.
        string[] guests = [left.Mac, right.Mac, MacOf(hosts.Second.Namespace, right.Device)];
        Assert.That(frames.Where(f => !guests.Contains(f.SourceMac)), Is.Empty);
        foreach (var device in new[] { "brvx-101", "vxlan101" })
        {
            Assert.That(hosts.First.Namespace.Exec("ip", "-brief", "address", "show", "dev", device).Output, Does.Not.Match("[.:/]"));
            Assert.That(hosts.First.Namespace.Exec("sysctl", "-n", $"net/ipv6/conf/{device}/disable_ipv6").Output, Is.EqualTo("1\n"));
        }
    }

    /// <summary>The last thing that the kernel says on a new device is a router solicitation, when its address is its own.</summary>
    private static void WaitUntilAnOrdinaryBridgeHasSpoken(NetNamespace host)
    {
        host.Ip(
            "link add name ordinary type bridge", "link add name member type veth peer name end", "link set member master ordinary");
        using var heard = FrameCapture.Start(host, "end");
        host.Ip("link set end up", "link set member up", "link set ordinary up");
        var mac = MacOf(host, "ordinary");
        heard.Next(
            "a router solicitation",
            f => f.SourceMac == mac && f.IpProtocol == Icmpv6 && f.Bytes.Length > 54 && f.Bytes[54] == RouterSolicitation);
    }

    private static string MacOf(NetNamespace host, string device) => Shown.Link(host, device).GetProperty("address").GetString()!;
}
