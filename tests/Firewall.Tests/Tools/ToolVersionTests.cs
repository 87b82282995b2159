using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Firewall.Tools;

namespace Cloudbr.Agent.Firewall.Tests.Tools;

internal sealed class ToolVersionTests
{
    // What the tools of Debian 12, Ubuntu 22.04 and 24.04 and RHEL 8 to 10 print.
    [TestCase("iptables", "iptables v1.8.9 (nf_tables)\n", "1.8.9", FirewallBackend.Nft)]
    [TestCase("iptables", "iptables v1.8.9 (legacy)\n", "1.8.9", FirewallBackend.Legacy)]
    [TestCase("iptables", "iptables v1.8.10 (nf_tables)\n", "1.8.10", FirewallBackend.Nft)]
    [TestCase("ip6tables", "ip6tables v1.8.7 (nf_tables)\n", "1.8.7", FirewallBackend.Nft)]
    [TestCase("ip6tables", "ip6tables v1.8.5 (legacy)\n", "1.8.5", FirewallBackend.Legacy)]
    [TestCase("ebtables", "ebtables 1.8.9 (nf_tables)\n", "1.8.9", FirewallBackend.Nft)]
    [TestCase("ebtables", "ebtables v2.0.11 (legacy) (December 2011)\n", "2.0.11", FirewallBackend.Legacy)]
    [TestCase("ipset", "ipset v7.17, protocol version: 7\n", "7.17", FirewallBackend.None)]
    [TestCase("ipset", "ipset v7.1, protocol version: 7\n", "7.1", FirewallBackend.None)]
    public void Parse_WhatDistributionsShip_IsAvailableWithVersionAndBackend(
        string name, string output, string version, FirewallBackend backend) =>
        Assert.That(
            ToolVersion.Parse(name, output),
            Is.EqualTo(new FirewallTool(name, version, backend, Availability.Available, "")));

    [Test]
    public void Parse_WarningsAroundTheVersion_AreNotTakenForIt()
    {
        const string Output =
            "Warning: Kernel support protocol versions 6-7 while userspace supports protocol versions 6-6\nipset v7.15, protocol version: 7\n";
        Assert.That(ToolVersion.Parse("ipset", Output).Version, Is.EqualTo("7.15"));
    }

    // Before it had two backends the tool did not name one; after that nobody else may leave it out.
    [TestCase("iptables", "iptables v1.6.1\n")]
    [TestCase("ebtables", "ebtables v2.0.10-4 (December 2011)\n")]
    [TestCase("iptables", "iptables v1.8.9 (something else)\n")]
    public void Parse_BackendNotNamed_IsUnknownAndNotGuessed(string name, string output)
    {
        var tool = ToolVersion.Parse(name, output);
        Assert.That(tool.Availability, Is.EqualTo(Availability.Available));
        Assert.That(tool.Backend, Is.EqualTo(FirewallBackend.Unknown));
    }

    [TestCase("iptables", "")]
    [TestCase("iptables", "\n")]
    [TestCase("iptables", "iptables\n")]
    [TestCase("iptables", "iptables \n")]
    [TestCase("iptables", "iptables v\n")]
    [TestCase("iptables", "iptables version 1.8.9\n")]
    [TestCase("iptables", "iptables v(legacy)\n")]
    [TestCase("iptables", "ip6tables v1.8.9 (nf_tables)\n")]
    [TestCase("iptables", "iptables-nft v1.8.9 (nf_tables)\n")]
    [TestCase("ipset", "ipset v, protocol version: 7\n")]
    [TestCase("ebtables", "The kernel doesn't support the ebtables 'filter' table.\n")]
    [TestCase("ipset", "\0\u001b[31mipset v7.17")]
    [TestCase("ipset", "ipset v7.17\u001b[31m, protocol version: 7")]
    public void Parse_SomethingElse_IsUnknownAndQuoted(string name, string output)
    {
        var tool = ToolVersion.Parse(name, output);
        Assert.That(tool.Availability, Is.EqualTo(Availability.Unknown));
        Assert.That(tool.Version, Is.Empty);
        Assert.That(tool.Backend, Is.EqualTo(FirewallBackend.Unknown));
        Assert.That(tool.Reason, Is.EqualTo($"{name} --version said something unexpected: \"{output.Trim()}\""));
    }

    [FsCheck.NUnit.Property]
    public void Parse_AnyText_EitherHasAVersionOrAReason(string? text)
    {
        foreach (var (name, output) in ToolVersion.Tools.SelectMany(n => new[] { (n, text ?? ""), (n, $"{n} {text}"), (n, $"{n} v{text}") }))
        {
            var tool = ToolVersion.Parse(name, output);
            Assert.That(tool.Availability == Availability.Available, Is.EqualTo(tool.Reason.Length == 0));
            Assert.That(tool.Version.Length == 0, Is.EqualTo(tool.Availability != Availability.Available));
        }
    }
}
