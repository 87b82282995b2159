using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.V1;
using Google.Protobuf;

namespace Cloudbr.Agent.Cli.Tests.Commands;

internal sealed class CapabilitiesTests
{
    private static readonly string LongReason = $"ipset --version failed: {string.Join(' ', Enumerable.Repeat("Kernel error received", 30))} [end]";

    [Test]
    public async Task Capabilities_Text_IsForPeople()
    {
        await using var agent = await AgentAsync(Sample());
        var result = Cloudbrctl.Run("capabilities", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            agent   1.2.3, contract cloudbr.agent.v1
            host    kvm-07, Debian GNU/Linux 12 (bookworm), kernel 6.1.0-18-amd64 on x86_64

            TOOL      STATE      VERSION  BACKEND  REASON
            iptables  available  1.8.9    nft
            ipset     missing             -        ipset is not installed

            methods that this agent does:
              cloudbr.agent.v1.HostNetwork/GetCapabilities
              cloudbr.agent.v1.Telemetry/Watch

            """));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public async Task Capabilities_Json_IsTheMessageOfTheContractInOneLine()
    {
        await using var agent = await AgentAsync(Sample());
        var result = Cloudbrctl.Run("capabilities", "--socket", agent.Socket, "--output", "json");
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1));
        Assert.That(JsonParser.Default.Parse<Capabilities>(result.Output), Is.EqualTo(Sample()));
    }

    [Test]
    public async Task Capabilities_LongReasonAndMarkup_IsPrintedWholeInItsLine()
    {
        var sample = Sample();
        sample.FirewallTools[1].Reason = LongReason;
        await using var agent = await AgentAsync(sample);
        var result = Cloudbrctl.Run("capabilities", "--socket", agent.Socket);
        Assert.That(result.Output.Split('\n'), Has.One.StartsWith("ipset ").And.One.EndsWith(LongReason));
    }

    private static async Task<FakeAgent> AgentAsync(Capabilities capabilities)
    {
        var agent = await FakeAgent.StartAsync();
        agent.Capabilities = () => new GetCapabilitiesResponse { Capabilities = capabilities };
        return agent;
    }

    private static Capabilities Sample() => new()
    {
        Agent = new AgentInfo { Version = "1.2.3", ApiVersions = { "cloudbr.agent.v1" }, InstanceId = "run-1" },
        Host = new HostInfo
        {
            Hostname = "kvm-07",
            KernelRelease = "6.1.0-18-amd64",
            OsName = "Debian GNU/Linux 12 (bookworm)",
            BootId = "boot-1",
            Architecture = "x86_64",
        },
        Methods = { "cloudbr.agent.v1.HostNetwork/GetCapabilities", "cloudbr.agent.v1.Telemetry/Watch" },
        FirewallTools =
        {
            new FirewallTool { Name = "iptables", Version = "1.8.9", Backend = FirewallBackend.Nft, State = FeatureState.Available },
            new FirewallTool { Name = "ipset", State = FeatureState.Missing, Reason = "ipset is not installed" },
        },
    };
}
