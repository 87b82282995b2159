using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>Guests that share the physical network's own bridge with the host.</summary>
[MachineOnly, Needs(Feature.Veth, Feature.Bridge)]
public class UntaggedNetworkTests
{
    private static readonly Network Untagged = new()
    {
        Id = "net-0",
        PhysicalNetwork = "cloudbr0",
        Isolation = new UntaggedIsolation(),
    };

    [Test, MachineOnly]
    public void Guests_OnABridgeOfTheOperators_ReachEachOther_AndNothingIsWritten()
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            new CloudStackDevices(host.Namespace).AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"]);
        }

        // The bridge gets it when it carries, and then it is in the snapshot.
        var first = hosts.First.Namespace;
        first.WaitUntil(
            "the bridge has its link-local address",
            () => first.Exec("ip", "-6", "-brief", "address", "show", "dev", "cloudbr0").Output.Contains("fe80::", StringComparison.Ordinal));
        using var agents = new TwoAgents(hosts);
        var before = HostSnapshot.Of(first);
        foreach (var agent in new[] { agents.First, agents.Second })
        {
            agent.Apply(Config(CheckOnly("cloudbr0"), Untagged)).MustBe(ChangeOutcome.Unchanged);
        }

        Assert.That(agents.First.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(first), HostSnapshot.SameAs(before));
        MustReachEachOther(agents);
    }

    [Test]
    public void Guests_OnABridgeThatTheAgentMade_ReachEachOtherAndTheHosts()
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly("cloudbr0") with { Mode = PhysicalNetworkMode.Manage, Uplink = "eth0" }, Untagged);

        agents.Apply(config);

        agents.First.MustBeSettled(config);
        Assert.That(Shown.Link(hosts.First.Namespace, "eth0").GetProperty("master").GetString(), Is.EqualTo("cloudbr0"));
        MustReachEachOther(agents);
        Ping.UntilAnswered(hosts.First.Namespace, hosts.Second.Ipv6, TimeSpan.FromSeconds(30));
    }

    private static void MustReachEachOther(TwoAgents agents)
    {
        Assert.That(agents.First.View.Desired.Networks["net-0"].Bridge.Name, Is.EqualTo("cloudbr0"));
        var (left, _) = agents.AddGuests("net-0");
        left.WaitUntilReaches(RightAddress);
        Ping.UntilAnswered(agents.Hosts.First.Namespace, agents.Hosts.Second.Ipv4, TimeSpan.FromSeconds(30));
    }
}
