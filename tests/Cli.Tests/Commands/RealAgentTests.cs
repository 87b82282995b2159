using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;
using Cloudbr.Agent.V1;
using Google.Protobuf;

namespace Cloudbr.Agent.Cli.Tests.Commands;

/// <summary>Against the agent itself.</summary>
internal sealed class RealAgentTests
{
    [Test]
    public async Task StatusAndCapabilities_OverSocketAndTcp_AreAnswered()
    {
        using var agent = await AgentProcess.StartAsync("--insecure", "127.0.0.1:0");
        var status = Cloudbrctl.Run("status", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(status.Output, Does.StartWith("state       serving (health SERVING)\ngeneration  0\nup          00:00:0"));
        Assert.That(Cloudbrctl.Run("status", "--insecure", $"127.0.0.1:{agent.Port}").EnsureSuccess().Output, Does.StartWith("state       serving"));

        var capabilities = JsonParser.Default.Parse<Capabilities>(
            Cloudbrctl.Run("capabilities", "--socket", agent.Socket, "-o", "json").EnsureSuccess().Output);
        Assert.That(capabilities.Host.KernelRelease, Is.EqualTo(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()));
        Assert.That(status.Output, Does.Contain(capabilities.Agent.InstanceId), "it is the same run");
    }

    [Test]
    public async Task Generations_OfAnAgentThatWasToldNothing_AreNoneButTheFirst()
    {
        using var agent = await AgentProcess.StartAsync();
        Assert.That(Cloudbrctl.Run("history", "--socket", agent.Socket).EnsureSuccess().Output, Does.Match(@"^GENERATION  WHEN .*SUMMARY\n$"));
        Assert.That(Cloudbrctl.Run("config", "--generation", "0", "--socket", agent.Socket).EnsureSuccess().Output, Is.EqualTo("{}\n"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("rollback", "9", "--dry-run", "--socket", agent.Socket),
            1,
            "cloudbrctl: the agent answered NotFound: generation 9 is not kept here; 0 is in force, and ListHistory tells which others there are\n");
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("confirm", "9", "--socket", agent.Socket),
            1,
            "cloudbrctl: the agent answered FailedPrecondition: host: generation 9 does not await a confirmation; ListHistory tells what became of it\n");
    }

    [Test]
    public async Task Watch_CountedHeartbeats_ComeWithoutHoles()
    {
        using var agent = await AgentProcess.StartAsync();
        var watch = Cloudbrctl.Run("watch", "--socket", agent.Socket, "--topic", "heartbeat", "--interval", "0.1", "--count", "4").EnsureSuccess();
        var lines = watch.Output.TrimEnd('\n').Split('\n').Select(l => l.Split(' ', 2)[1]).ToList();
        Assert.That(lines, Has.Count.EqualTo(4));
        Assert.That(lines[0], Does.StartWith("opened    run "));
        Assert.That(lines.Skip(1).Select(l => l.Split(',')[0]), Is.EqualTo(new[] { "heartbeat 1 serving", "heartbeat 2 serving", "heartbeat 3 serving" }));
    }

    [Test]
    public async Task Watch_IntervalThatTheAgentRefuses_ExitsOneWithItsWords()
    {
        using var agent = await AgentProcess.StartAsync();
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("watch", "--socket", agent.Socket, "--topic", "heartbeat", "--interval", "0.01"),
            1,
            "cloudbrctl: the agent answered InvalidArgument: subscriptions[0].interval: 0.01 s is not between 0.1 s and 1 h\n");
    }

    [Test]
    public async Task Watch_AgentStops_ExitsThreeWithItsWords()
    {
        using var agent = await AgentProcess.StartAsync();
        using var watch = Cloudbrctl.Start("watch", "--socket", agent.Socket);
        await watch.WaitForLineAsync("opened", Cloudbrctl.Limit);
        Assert.That(await agent.StopAsync(), Is.Zero);
        Assert.That(await watch.WaitForExitAsync(Cloudbrctl.Limit), Is.EqualTo(3));
        Assert.That((await watch.ReadToEndAsync(Cloudbrctl.Limit))[^1], Does.StartWith($"cloudbrctl: lost the agent on {agent.Socket}: the agent is stopping"));
    }

    [Test]
    public async Task Watch_AgentIsKilled_ExitsThreeWithWords()
    {
        using var agent = await AgentProcess.StartAsync();
        using var watch = Cloudbrctl.Start("watch", "--socket", agent.Socket);
        await watch.WaitForLineAsync("opened", Cloudbrctl.Limit);
        agent.Kill();
        Assert.That(await watch.WaitForExitAsync(Cloudbrctl.Limit), Is.EqualTo(3));
        var lines = await watch.ReadToEndAsync(Cloudbrctl.Limit);
        Assert.That(lines[^1], Does.StartWith($"cloudbrctl: lost the agent on {agent.Socket}: "));
        Assert.That(lines, Has.None.StartsWith("   at "));
    }

    [TestCase("watch --topic heartbeat --interval 0.1")]
    [TestCase("watch --topic heartbeat --interval 0.1 -o json")]
    public async Task Watch_ReaderThatHasReadEnough_EndsItWithoutAWord(string arguments)
    {
        using var agent = await AgentProcess.StartAsync();
        var command = string.Join(' ', Cloudbrctl.CommandLine([.. arguments.Split(' '), "--socket", agent.Socket]));
        var result = Command.TryRun(["bash", "-c", $"set -o pipefail; {command} | head -n 1"], limit: Cloudbrctl.Limit);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1));
        Assert.That(result.Error, Is.Empty);
    }

    [TestCase("status")]
    [TestCase("capabilities")]
    [TestCase("--help")]
    [TestCase("version")]
    public async Task AnyCommand_NobodyReads_IsNoCrash(string arguments)
    {
        using var agent = await AgentProcess.StartAsync();
        var command = string.Join(' ', Cloudbrctl.CommandLine([arguments, "--socket", agent.Socket]));
        var result = Command.TryRun(["bash", "-c", $"{command} > >(exec true)"], limit: Cloudbrctl.Limit);
        Assert.That(result.ExitCode, Is.Zero.Or.EqualTo(2), result.ToString);
        Assert.That(result.Error, Does.Not.Contain("   at "));
    }

    [Test]
    public async Task Output_IntoAFileThatGrows_IsAppended()
    {
        using var agent = await AgentProcess.StartAsync();
        using var directory = new Testing.TempDirectory();
        var command = string.Join(' ', Cloudbrctl.CommandLine("version"));
        Command.Run("bash", "-c", $"({command}; {command}) > {directory["log"]}");
        Assert.That(File.ReadAllLines(directory["log"]), Has.Length.EqualTo(2).And.All.StartsWith("cloudbrctl "));
    }
}
