using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Cli.Tests;

/// <summary>Answers that go into files: whole, behind what stands there, or not at all and said so.</summary>
public class FileOutputTests
{
    private static readonly string Program = Repository.BuiltFile("agent/Cli", "cloudbrctl");

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
