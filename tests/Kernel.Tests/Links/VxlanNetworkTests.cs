using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

[TestFixture]
[Needs(Feature.Vxlan)]
public sealed class VxlanNetworkTests
{
    [Test]
    public void Implement_Multicast_MakesTheDevicesAndReadsThemBack()
    {
        using var underlay = NetNamespace.Create();
        using var peer = NetNamespace.Create();
        underlay.Exec("ip", "link", "add", "name", "eth0", "mtu", "1600", "type", "veth", "peer", "name", "eth0", "mtu", "1600", "netns", peer.Path);
        underlay.Exec("ip", "addr", "add", "192.0.2.1/24", "dev", "eth0");
        underlay.Exec("ip", "link", "set", "eth0", "up");
        using var host = new AgentHostScene(underlay);
        var config = AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), AgentHostScene.Vxlan(101, new VxlanMulticast(null)));

        var report = host.Apply(config);

        TestContext.Out.WriteLine(string.Join("\n", report.Changes.Select(c => $"{c.Progress} {c.Step}")));
        TestContext.Out.WriteLine(string.Join("\n", report.Failures));
        TestContext.Out.WriteLine(underlay.Exec("ip", "-d", "link").Output);
        TestContext.Out.WriteLine(underlay.Exec("ip", "route").Output);
        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        var writes = host.Writes;
        Assert.That(host.Apply(config).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(host.Writes, Is.EqualTo(writes));
        report = host.Apply(HostConfig.Empty);
        TestContext.Out.WriteLine(string.Join("\n", report.Changes.Select(c => $"{c.Progress} {c.Step}")));
        TestContext.Out.WriteLine(string.Join("\n", report.Failures));
        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(underlay.Exec("ip", "-d", "link").Output, Does.Not.Contain("vxlan"));
    }
}
