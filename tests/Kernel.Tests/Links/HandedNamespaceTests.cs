using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>An agent that was handed another network namespace works there, and leaves its own alone.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class HandedNamespaceTests
{
    [Test]
    [MachineOnly]
    public void Apply_InAnotherNamespace_WritesNothingAtHome()
    {
        using var home = NetNamespace.Create();
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        RichHost.AddAddressesAndRoutes(network);
        RichHost.AddForeign(network);
        var before = HostSnapshot.Of(home);
        var settings = Settings(home);

        using (var host = home.Run(() => new AgentHostScene(network)))
        {
            Expect.AppliedForGood(host, () => host.Apply(RichHost.First));
            Assert.That(network.Exec("ip", "-o", "link").Output, Does.Contain("vxlan101").And.Contain("cloudbr0").And.Contain("cloud0"));
            Expect.AppliedForGood(host, () => host.Apply(RichHost.Second, allowDisruption: true));
            Expect.AppliedForGood(host, () => host.Apply(HostConfig.Empty));
        }

        Assert.That(Settings(network), Is.Not.EqualTo(settings));
        Assert.That(Settings(home), Is.EqualTo(settings));
        Assert.That(HostSnapshot.Of(home), HostSnapshot.SameAs(before));
    }

    private static string Settings(NetNamespace network) => network.Run(() => string.Join(' ', new[]
    {
        "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding", "/proc/sys/net/ipv4/igmp_max_memberships",
    }.Select(File.ReadAllText)));
}
