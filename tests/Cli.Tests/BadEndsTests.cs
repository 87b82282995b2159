using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Cli.Tests;

/// <summary>What an operator gets who asks for what cannot be, or whose pipe ends before cloudbrctl does.</summary>
public class BadEndsTests
{
    private static readonly string Program = Repository.BuiltFile("agent/Cli", "cloudbrctl");

    [TestCase("watch --count 0", "--count is 1 or more")]
    [TestCase("watch --interval 0", "--interval is more than 0")]
    [TestCase("watch --interval NaN", "--interval is more than 0")]
    [TestCase("watch --interval 1e300", "--interval is more than 0")]
    [TestCase("status --insecure 127.0.0.1:99999", "give an address and a port")]
    [TestCase("status --insecure 127.0.0.1:", "give an address and a port")]
    [TestCase("status --insecure 127.0.0.1/x", "give an address and a port")]
    public void CommandLine_ThatCannotBe_IsExitCodeTwo_InWords(string arguments, string words)
    {
        var result = Command.TryRun(DotnetProgram.Executable(Program, arguments.Split(' ')));
        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString);
        Assert.That(result.Error, Does.Contain(words).And.Not.Contains("   at "));
    }

    [TestCase("127.0.0.1:1")]
    [TestCase("[::1]:1")]
    [TestCase("127.0.0.1:80")]
    public void Insecure_ThatIsAnAddress_IsTried(string address)
    {
        var result = Command.TryRun(DotnetProgram.Executable(Program, "status", "--insecure", address));
        Assert.That(result.ExitCode, Is.EqualTo(3), result.ToString);
        Assert.That(result.Error, Does.StartWith($"cloudbrctl: no agent answers on {address}: "));
    }

    [Test]
    public void Socket_ThatIsMissing_IsExitCodeThree_AndSaidOnce()
    {
        var result = Command.TryRun(DotnetProgram.Executable(Program, "status", "--socket", "/nowhere/agent.sock"));
        Assert.That(result.ExitCode, Is.EqualTo(3), result.ToString);
        Assert.That(result.Error.Split("there is no socket /nowhere/agent.sock"), Has.Length.EqualTo(2), result.Error);
    }

    [Test]
    public async Task Watch_IntoAPipeThatNobodyReadsAnyMore_Ends()
    {
        using var agent = await AgentProcess.StartAsync();
        var result = Shell($"\"$@\" watch --interval 0.1 --topic heartbeat --socket '{agent.Socket}' | head -n 2; echo ${{PIPESTATUS[0]}}");
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output.TrimEnd().Split('\n')[^1], Is.EqualTo("0"), result.ToString);
    }

    [Test]
    public async Task Output_ThatCannotBeWritten_IsSaid()
    {
        using var agent = await AgentProcess.StartAsync();
        var result = Shell($"\"$@\" status --socket '{agent.Socket}' >/dev/full");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        Assert.That(result.Error, Does.StartWith("cloudbrctl: the answer could not be written: ").And.Not.Contains("   at "));
    }

    [Test]
    public async Task Output_IntoAFileThatOthersWriteToo_IsAppended()
    {
        using var agent = await AgentProcess.StartAsync();
        using var directory = new TempDirectory();
        var result = Shell($"{{ echo before; \"$@\" status --socket '{agent.Socket}'; echo after; }} >'{directory["all"]}'; cat '{directory["all"]}'");
        Assert.That(result.Output, Does.StartWith("before\nstate ").And.EndsWith("\nafter\n"));
    }

    private static CommandResult Shell(string script) =>
        Command.TryRun(["bash", "-c", script, "bash", .. DotnetProgram.Executable(Program)]);
}
