using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Firewall.Rendering;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering;

/// <summary>What others do to legacy tables is noticed without a process, and what the agent does itself is taken for its own.</summary>
[TestFixture]
[Needs(Feature.Ipset)]
public sealed class LegacyWatchTests
{
    private static readonly string[][] Changes =
    [
        ["iptables", "-D", ChainNames.Of('i', "a"), "1"],
        ["iptables", "-t", "raw", "-F"],
        ["iptables", "-I", "FORWARD", "-j", "ACCEPT"],
        ["ip6tables", "-t", "raw", "-D", "PREROUTING", "1"],
        ["ip6tables", "-F"],
        ["ebtables", "-t", "nat", "-D", ChainNames.Of('f', "a"), "1"],
        ["ebtables", "-t", "nat", "-F"],
    ];

    [Test]
    public void WhatOthersChange_IsNoticed_AndWhatTheAgentWrites_IsItsOwn()
    {
        if (FilterTools.IsNft)
        {
            Assert.Ignore("needs the legacy tools as the host's, which the lab has");
        }

        using var host = NetNamespace.Create();
        using var watch = LegacyWatch.Open(FilterTools.Installed, host.Handle)!;
        var scene = new FilterScene(host);
        Assert.That(watch.Follow(scene.Driver.Read()), Is.True, "there is nothing to watch");
        Assert.That(scene.Apply(Intent(new PortSecurity())), Is.Null);
        Assert.That(watch.Follow(Ruleset.Empty, scene.Wanted), Is.False, "who watches from here on does not know what came before");
        Assert.That(watch.HasChanged(), Is.False);
        foreach (var security in new[] { Limited, new PortSecurity() })
        {
            var before = scene.Wanted;
            Assert.That(scene.Apply(Intent(security)), Is.Null);
            Assert.That(watch.HasChanged());
            Assert.That(watch.Follow(before, scene.Wanted), "all of it was the agent's");
            Assert.That(watch.HasChanged(), Is.False);
        }

        foreach (var change in Changes)
        {
            host.Exec(change);
            Assert.That(watch.HasChanged(), string.Join(' ', change));
            watch.Look();
            Assert.That(watch.HasChanged(), Is.False);
        }

        var known = scene.Driver.Read();
        host.Exec("iptables", "-A", "OUTPUT", "-j", "ACCEPT");
        Assert.That(scene.Driver.Change(known, scene.Wanted), Is.Null);
        Assert.That(watch.Follow(known, scene.Wanted), Is.False, "one rule too many");
    }

    private static readonly PortSecurity Limited = new()
    {
        Ingress = [new SecurityRule { Protocol = RuleProtocol.Tcp, Cidrs = [Core.Model.IpPrefix.Parse("10.0.0.0/8"), Core.Model.IpPrefix.Parse("fd00::/8")] }],
        ConnectionLimit = new ConnectionLimit(10, 10),
        EgressDefault = EgressDefault.Deny,
    };

    private static FirewallIntent Intent(PortSecurity security) => FilterScene.Intent(FilterScene.Network(
        "one", "brvx-101", "vxlan101", new FilteredPort(FilterScene.Port("a", "one", 1) with { Security = security }, "vnet0")));
}
