using System.Net;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>The agent's dataplane on each of two hosts: what gets across between guests, gets across what the agents made.</summary>
internal sealed class TwoAgents : IDisposable
{
    public const string LeftAddress = "10.0.0.1";
    public const string RightAddress = "10.0.0.2";

    public TwoAgents(TwoHosts hosts)
    {
        Hosts = hosts;
        First = new AgentHostScene(hosts.First.Namespace, hosts.First.Name);
        Second = new AgentHostScene(hosts.Second.Namespace, hosts.Second.Name);
    }

    public TwoHosts Hosts { get; }

    public AgentHostScene First { get; }

    public AgentHostScene Second { get; }

    public static Network Multicast(int vni, string? group = null) =>
        AgentHostScene.Vxlan(vni, new VxlanMulticast(group is null ? null : IPAddress.Parse(group)));

    public static Network Static(int vni, params IEnumerable<string> peers) =>
        AgentHostScene.Vxlan(vni, new VxlanStatic([.. peers.Select(IPAddress.Parse)], [], null));

    public static Network Evpn(int vni) => AgentHostScene.Vxlan(vni, new VxlanEvpn(null));

    /// <summary>The same on both hosts; both must have something to do, and succeed.</summary>
    public void Apply(HostConfig config) => Apply(_ => config);

    public void Apply(Func<Host, HostConfig> config)
    {
        First.Apply(config(Hosts.First)).MustBe(ChangeOutcome.Applied);
        Second.Apply(config(Hosts.Second)).MustBe(ChangeOutcome.Applied);
    }

    /// <summary>A guest on each host, plugged in as the agent's answer says: its bridge, its MTU.</summary>
    public (Guest Left, Guest Right) AddGuests(string network) =>
        (Add(First, Hosts.First, network, LeftAddress), Add(Second, Hosts.Second, network, RightAddress));

    /// <summary>Guests of two networks with the same addresses: each reaches its own peer, and none hears the other's network.</summary>
    public void MustKeepApart(string network, string other)
    {
        var (left, right) = AddGuests(network);
        var (otherLeft, otherRight) = AddGuests(other);
        using var heard = FrameCapture.Start(otherRight.Namespace, "eth0");

        // Begins with a broadcast, which would go everywhere.
        left.WaitUntilReaches(RightAddress);
        otherLeft.WaitUntilReaches(RightAddress);

        var sources = heard.Until("the other network's guest", f => f.SourceMac == otherLeft.Mac).Select(f => f.SourceMac).ToList();
        Assert.That(sources, Has.None.EqualTo(left.Mac).And.None.EqualTo(right.Mac));
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }

    private static Guest Add(AgentHostScene agent, Host host, string network, string address)
    {
        var design = agent.View.Desired.Networks[network];
        return host.AddGuest([$"{address}/24"], design.Bridge.Name, design.GuestMtu);
    }
}
