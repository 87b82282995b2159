using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Dataplane.Tests.Probing;

/// <summary>On this very host: what the probe says has to be what the tools say.</summary>
internal sealed class CapabilityProbeTests
{
    [Test]
    public async Task RunAsync_NamesEachToolOnceInOrder()
    {
        var found = await CapabilityProbe.RunAsync(CancellationToken.None);
        Assert.That(found.FirewallTools.Select(t => t.Name), Is.EqualTo(new[] { "iptables", "ip6tables", "ebtables", "ipset" }));
    }

    [Test]
    public async Task RunAsync_KnowsTheHost()
    {
        var found = await CapabilityProbe.RunAsync(CancellationToken.None);
        Assert.That(found.Host.KernelRelease, Is.EqualTo(Command.Run("uname", "-r").Output.Trim()));
        Assert.That(Guid.TryParse(found.Host.BootId, out _), "the boot id is a UUID");
    }

    [TestCase("iptables")]
    [TestCase("ip6tables")]
    [TestCase("ebtables")]
    [TestCase("ipset")]
    public async Task ProbeAsync_Tool_IsAsItIsOnThisHost(string name)
    {
        var tool = await CapabilityProbe.ProbeAsync(name, CancellationToken.None);
        var said = Command.TryRun(["env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", name, "--version"]);
        switch (tool.Availability)
        {
            case Availability.Available:
                Assert.That(said.Succeeded, $"{said}");
                Assert.That(said.Output, Does.Contain(tool.Version));
                Assert.That(said.Output.Contains("nf_tables", StringComparison.Ordinal), Is.EqualTo(tool.Backend == FirewallBackend.Nft));
                Assert.That(said.Output.Contains("legacy", StringComparison.Ordinal), Is.EqualTo(tool.Backend == FirewallBackend.Legacy));
                break;
            default:
                Assert.That(said.ExitCode, Is.Not.Zero, $"{tool}");
                Assert.That(tool.Reason, Does.StartWith(name));
                break;
        }
    }

    [Test]
    public async Task ProbeAsync_NotInstalled_IsMissingWithWords() => Assert.That(
        await CapabilityProbe.ProbeAsync("cloudbr-no-such-tool", CancellationToken.None),
        Is.EqualTo(new FirewallTool(
            "cloudbr-no-such-tool", "", FirewallBackend.Unknown, Availability.Missing, "cloudbr-no-such-tool is not installed")));

    [Test]
    public async Task ProbeAsync_ToolThatFails_IsUnknownWithItsWords()
    {
        var tool = await CapabilityProbe.ProbeAsync("false", CancellationToken.None);
        Assert.That(tool.Availability, Is.EqualTo(Availability.Unknown));
        Assert.That(tool.Reason, Does.StartWith("false --version failed with exit code 1"));
    }

    [Test]
    public void ProbeAsync_Cancelled_IsCancelledAndNotCalledMissing() => Assert.That(
        () => CapabilityProbe.ProbeAsync("iptables", new CancellationToken(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());
}
