using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What the agent does not do to an uplink, or only when it is told that it may.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge)]
public sealed class ManagedUplinkRefusalTests
{
    private static readonly HostConfig Managed = AgentHostScene.Config(AgentHostScene.Manage("cloudbr0"));

    [Test]
    [MachineOnly]
    public void MultipathRoute_ThroughTheUplink_IsRefusedAndNothingIsWritten([Values("10.50.0.0/16", "2001:db8:50::/48")] string destination)
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        var (one, two) = destination.Contains(':', StringComparison.Ordinal) ? ("2001:db8::2", "2001:db8::3") : ("192.0.2.2", "192.0.2.3");
        network.Ip($"route add {destination} nexthop via {one} dev eth0 nexthop via {two} dev eth0");

        var message = AssertRefused(network, Managed, "ROUTE_NOT_MOVABLE");

        Assert.That(message, Does.Contain(destination).And.Contain("eth0").And.Contain("cloudbr0"));
    }

    [Test]
    [MachineOnly]
    public void Uplink_OfAnotherBridge_IsRefusedNamingTheHolder()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        network.Ip("link add name br-theirs type bridge", "link set eth0 master br-theirs", "link set br-theirs up");
        RichHost.Settle(network, "br-theirs");

        Assert.That(AssertRefused(network, Managed, "HELD_BY_OTHER"), Does.Contain("eth0").And.Contain("br-theirs (bridge)"));
    }

    [Test, Needs(Feature.Bonding)]
    public void Uplink_OfABond_IsRefusedNamingTheHolder()
    {
        using var hosts = TwoHosts.Create(Underlay.Bond());

        Assert.That(AssertRefused(hosts.First.Namespace, Managed, "HELD_BY_OTHER"), Does.Contain("eth0").And.Contain("bond0 (bond)"));
    }

    [Test]
    [MachineOnly]
    public void Label_OfADeviceThatIsNoBridge_IsRefused()
    {
        using var hosts = TwoHosts.Create();
        hosts.First.Namespace.Ip("link add name cloudbr0 type veth peer name x");

        Assert.That(AssertRefused(hosts.First.Namespace, Managed, "NOT_A_BRIDGE"), Does.Contain("cloudbr0").And.Contain("veth"));
    }

    [Test]
    [MachineOnly]
    public void Removal_OfABridgeWithTaps_IsRefusedNamingThemUnlessAllowed()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        using var host = new AgentHostScene(network);
        Expect.Applied(host.Apply(Managed));
        var guest = hosts.First.AddGuest(["192.0.2.7/24"], "cloudbr0");
        guest.WaitUntilReaches(hosts.Second.Ipv4);
        var before = HostSnapshot.Of(network);
        var writes = host.Writes;

        var failure = Expect.Undone(host.Apply(HostConfig.Empty), "DISRUPTION_NOT_ALLOWED");

        Assert.That(failure.Message, Does.Contain("cloudbr0").And.Contain("vnet0").And.Not.Contain("eth0"));
        Assert.That(host.Writes, Is.EqualTo(writes));
        Unchanged.Since(before, network);

        Expect.Applied(host.Apply(HostConfig.Empty, allowDisruption: true));

        Assert.That(host.View.State.Find("cloudbr0"), Is.Null);
        Assert.That(host.View.State.Find("vnet0"), Has.Property("Master").Zero);
        Ping.UntilAnswered(hosts.Second.Namespace, hosts.First.Ipv4, KernelEvents.DefaultLimit);
    }

    [Test]
    [MachineOnly]
    public void AnotherUplink_UnderABridgeWithTaps_IsRefusedUnlessAllowed()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        VethPair.Connect(new(network, "eth1"), new(hosts.Second.Namespace, "eth1"));
        hosts.Second.Namespace.Ip("address flush dev eth0", "address add 192.0.2.2/24 dev eth1");
        using var host = new AgentHostScene(network);
        Expect.Applied(host.Apply(Managed));
        var guest = hosts.First.AddGuest(["192.0.2.7/24"], "cloudbr0");
        RichHost.Settle(network, "cloudbr0");
        var before = HostSnapshot.Of(network);
        var writes = host.Writes;
        var moved = AgentHostScene.Config(AgentHostScene.Manage("cloudbr0", "eth1"));

        var failure = Expect.Undone(host.Apply(moved), "DISRUPTION_NOT_ALLOWED");

        Assert.That(failure.Message, Does.Contain("uplink is eth0 and should be eth1").And.Contain("vnet0"));
        Assert.That(host.Writes, Is.EqualTo(writes));
        Unchanged.Since(before, network);

        Expect.Applied(host.Apply(moved, allowDisruption: true));

        Assert.That(host.View.State.Find("eth0"), Has.Property("Master").Zero);
        guest.WaitUntilReaches("192.0.2.2");
        Ping.UntilAnswered(network, "192.0.2.2", KernelEvents.DefaultLimit);
        Expect.Unchanged(host.Apply(moved));
    }

    [Test]
    public void Route_OfTheSameDestinationThroughAnotherDevice_StaysWhereItIs()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        network.Ip(
            "link add name other0 type veth peer name other1", "link set other1 up", "link set other0 up",
            "route add 10.60.0.0/16 dev other0", "route append 10.60.0.0/16 dev eth0");
        RichHost.Settle(network, "other0");
        var before = HostSnapshot.Of(network);
        using var host = new AgentHostScene(network);

        Expect.AppliedForGood(host, () => host.Apply(Managed));

        var routes = network.Exec("ip", "route", "show", "10.60.0.0/16").Output;
        Assert.That(routes, Does.Contain("dev other0").And.Contain("dev cloudbr0").And.Not.Contain("dev eth0"));

        Expect.AppliedForGood(host, () => host.Apply(HostConfig.Empty));

        Unchanged.Since(before, network);
    }

    [Test]
    [MachineOnly]
    public void CheckOnly_WhateverIsThere_TouchesNothing()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        RichHost.AddAddressesAndRoutes(network);
        RichHost.AddForeign(network);
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);
        var config = AgentHostScene.Config([
            AgentHostScene.CheckOnly("cloudbr1") with { Mtu = 9000, Bridge = new BridgeOptions { Stp = true, AgeingMs = 1000 } },
            AgentHostScene.CheckOnly("eth0") with { Mtu = 9000 },
            AgentHostScene.CheckOnly("virbr0") with { Uplink = "vnet9" },
            AgentHostScene.CheckOnly("nowhere")]);

        Expect.Unchanged(host.Apply(config));
        Expect.Unchanged(host.Resync());
        Expect.Unchanged(host.Apply(HostConfig.Empty));

        Assert.That(host.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(network), HostSnapshot.SameAs(before));
    }

    private static string AssertRefused(NetNamespace network, HostConfig config, string reason)
    {
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);

        var failure = Expect.Undone(host.Apply(config), reason);

        Assert.That(host.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(network), HostSnapshot.SameAs(before));
        return failure.Message;
    }
}
