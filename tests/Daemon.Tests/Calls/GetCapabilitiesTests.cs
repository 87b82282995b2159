using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

internal sealed class GetCapabilitiesTests
{
    [Test]
    public async Task GetCapabilities_SaysWhoAnswersAndOnWhichHost()
    {
        var capabilities = await AskAsync();
        Assert.That(capabilities.Agent.Version, Does.Match(@"^\d+\.\d+\.\d+$"));
        Assert.That(capabilities.Agent.ApiVersions, Is.EqualTo(new[] { "cloudbr.agent.v1" }));
        Assert.That(Guid.TryParse(capabilities.Agent.InstanceId, out _));
        Assert.That(capabilities.Host.KernelRelease, Is.EqualTo(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()));
        Assert.That(capabilities.FirewallTools.Select(t => t.Name), Is.EqualTo(new[] { "iptables", "ip6tables", "ebtables", "ipset" }));
        Assert.That(capabilities.Limits, Is.EqualTo(new Limits { MaxRulesPerPort = 2048, MaxReceiveMessageBytes = 4 * 1024 * 1024 }));
    }

    [Test]
    public async Task GetCapabilities_Methods_AreSortedAndOfTheContract()
    {
        var methods = (await AskAsync()).Methods;
        Assert.That(methods, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Unique);
        Assert.That(methods, Is.SubsetOf(Contract.Methods.Select(Contract.NameOf)));
        Assert.That(methods, Has.Member("cloudbr.agent.v1.HostNetwork/GetCapabilities").And.Member("cloudbr.agent.v1.Telemetry/Watch"));
    }

    private static async Task<Capabilities> AskAsync()
    {
        await using var agent = await InProcessAgent.StartAsync();
        return (await new HostNetwork.HostNetworkClient(agent.Calls).GetCapabilitiesAsync(new GetCapabilitiesRequest())).Capabilities;
    }
}
