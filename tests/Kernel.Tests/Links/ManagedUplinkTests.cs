using System.Net;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A host that is reached over its uplink, while that goes under a bridge and comes out again.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge)]
public sealed class ManagedUplinkTests
{
    private static readonly HostConfig Managed = AgentHostScene.Config(AgentHostScene.Manage("cloudbr0"));

    [Test]
    public void Manage_AddressesAndRoutes_GoToTheBridgeAndComeBackAsTheyWere()
    {
        using var hosts = TwoHosts.Create();
        RichHost.AddAddressesAndRoutes(hosts.First.Namespace);
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var beforeText = before.ToString();
        using var host = new AgentHostScene(hosts.First.Namespace);

        Expect.AppliedForGood(host, () => host.Apply(Managed));

        var moved = RichHost.Reachability(hosts.First.Namespace, "cloudbr0");
        Assert.That(moved, Is.EqualTo(RichHost.Reachability(beforeText, "eth0")));
        Assert.That(RichHost.Reachability(hosts.First.Namespace, "eth0"), Is.Empty);
        Assert.That(host.View.State.NameOf(host.View.State.Find("eth0")!.Master), Is.EqualTo("cloudbr0"));
        Assert.That(Ping.From(hosts.Second.Namespace, hosts.First.Ipv6), Is.EqualTo(new Ping(3, 3)));

        Expect.AppliedForGood(host, () => host.Apply(HostConfig.Empty));

        Unchanged.Since(before, hosts.First.Namespace);
    }

    [TestCase(false), TestCase(true)]
    public async Task Manage_OpenConnectionAndPing_GoOnDuringBothMoves(bool ipv6)
    {
        using var hosts = TwoHosts.Create();
        RichHost.AddAddressesAndRoutes(hosts.First.Namespace);
        using var host = new AgentHostScene(hosts.First.Namespace);
        var (near, far) = ipv6 ? (hosts.First.Ipv6, hosts.Second.Ipv6) : (hosts.First.Ipv4, hosts.Second.Ipv4);
        using var connection = SteadyConnection.Open(hosts.First.Namespace, hosts.Second.Namespace, IPAddress.Parse(far));
        using var ping = await SteadyPing.StartAsync(hosts.Second.Namespace, near);

        Expect.AppliedForGood(host, () => host.Apply(Managed));
        connection.WaitForMore();
        var lostOnTheWayThere = await ping.LostAsync();
        Expect.AppliedForGood(host, () => host.Apply(HostConfig.Empty));
        connection.WaitForMore();
        var lost = await ping.LostAsync();

        Assert.That(lostOnTheWayThere, Is.Empty, "lost while it went under the bridge");
        Assert.That(lost, Is.Empty, "lost while it came out again");
    }

    [Test]
    public void Manage_UplinkWithoutCarrier_IsDoneAndReachedOnceTheCableIsBack()
    {
        using var hosts = TwoHosts.Create();
        hosts.Second.Namespace.Exec("ip", "link", "set", "eth0", "down");
        using var host = new AgentHostScene(hosts.First.Namespace);

        Expect.AppliedForGood(host, () => host.Apply(Managed));

        hosts.Second.Namespace.Exec("ip", "link", "set", "eth0", "up");
        hosts.Second.Namespace.WaitUntil("an answer", () => Ping.From(hosts.Second.Namespace, hosts.First.Ipv4).Received > 0);
    }
}
