using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>What this kernel itself refuses in the middle of a change, with its words and a way out, and all undone.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class KernelRefusalTests
{
    [Test]
    public void MulticastGroups_PastTheKernelsLimit_AreRefusedNamingItAndAllIsUndone()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        network.Exec("sysctl", "-qw", "net/ipv4/igmp_max_memberships=20");
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);
        var config = AgentHostScene.Config(
            AgentHostScene.CheckOnly("eth0"), Enumerable.Range(1, 25).Select(vni => AgentHostScene.Vxlan(vni, new VxlanMulticast(null))));

        var failure = Expect.Undone(host.Apply(config), "MULTICAST_GROUPS_EXHAUSTED");

        Assert.That(failure.Remedy, Does.Contain("igmp_max_memberships"));
        Assert.That(failure.Evidence, Does.Contain("ENOBUFS"));
        Unchanged.Since(before, network);

        Expect.AppliedForGood(host, () => host.Apply(config with { Settings = new HostSettings { IgmpMaxMemberships = 30 } }));
    }

    [Test]
    public void Mtu_AboveWhatTheUplinkTakes_IsRefusedWithTheKernelsWordsAndAllIsUndone()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);

        var failure = Expect.Undone(
            host.Apply(AgentHostScene.Config(AgentHostScene.Manage("cloudbr0", mtu: 70_000)) with
            {
                ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null),
            }),
            "KERNEL_REFUSED");

        Assert.That(failure.Subject.Name, Is.EqualTo("eth0"));
        Assert.That(failure.Evidence, Does.Contain("mtu greater than device maximum"));
        Unchanged.Since(before, network);
        Expect.AppliedForGood(host, () => host.Apply(AgentHostScene.Config(AgentHostScene.Manage("cloudbr0", mtu: 9000))));
        Assert.That(host.View.State.Find("cloudbr0")?.Mtu, Is.EqualTo(9000));
    }
}
