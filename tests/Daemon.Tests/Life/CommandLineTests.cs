using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Daemon.Tests.Life;

/// <summary>What cannot be started ends at once, with one line that says why.</summary>
internal sealed class CommandLineTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Version_IsOneLine()
    {
        var result = Command.Run(AgentProcess.CommandLine("version"));
        Assert.That(result.Output, Does.Match(@"^cloudbr-agent \d+\.\d+\.\d+\n$"));
    }

    [TestCase("run --state-dir STATE --bogus", "--bogus")]
    [TestCase("runn", "runn")]
    [TestCase("", "command")]
    [TestCase("run --state-dir STATE --socket", "--socket")]
    [TestCase("run --state-dir STATE extra", "extra")]
    public void CommandLine_NotUnderstood_IsExitCodeTwoAndOneLine(string arguments, string words)
    {
        var given = arguments.Replace("STATE", _directory["state"], StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var result = Command.TryRun(AgentProcess.CommandLine(given));
        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString);
        AssertOneLine(result, "cloudbr-agent: ", words);
    }

    [TestCase(78, "--insecure 0.0.0.0:9440", "loopback only")]
    [TestCase(78, "--insecure nonsense", "give an address and a port")]
    [TestCase(78, "--socket relative", "give an absolute path")]
    [TestCase(78, "--state-dir relative", "give an absolute path")]
    [TestCase(78, "--config /nowhere/agent.conf", "/nowhere/agent.conf cannot be read")]
    [TestCase(1, "--socket /proc/cloudbr.sock", "cannot listen on /proc/cloudbr.sock: ")]
    [TestCase(1, "--socket /proc/cloudbr/agent.sock", "the socket /proc/cloudbr/agent.sock cannot be made: ")]
    [TestCase(1, "--socket /dev/null", "/dev/null is a device or a pipe, not a socket")]
    [TestCase(1, "--socket /dev/null/agent.sock", "the socket /dev/null/agent.sock cannot be made: ")]
    public void Run_ThatCannotBe_SaysWhyInOneLine_AndByItsExitCodeWhetherTryingAgainIsOfUse(int exitCode, string arguments, string words)
    {
        string[] given = arguments.Split(' ');
        string[] socket = given.Contains("--socket") ? [] : ["--socket", _directory["agent.sock"]];
        string[] state = given.Contains("--state-dir") ? [] : ["--state-dir", _directory["state"]];
        var result = Command.TryRun(AgentProcess.CommandLine(["run", .. given, .. socket, .. state]));
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ToString);
        AssertOneLine(result, "cloudbr-agent cannot start: ", words);
        AssertLeftNothing();
    }

    [Test]
    public async Task Run_InsecurePortThatIsTaken_LeavesNoSocketBehind()
    {
        using var first = await AgentProcess.StartAsync("--insecure", "127.0.0.1:0");
        var result = Command.TryRun(AgentProcess.CommandLine(
            "run", "--socket", _directory["agent.sock"], "--state-dir", _directory["state"], "--insecure", $"127.0.0.1:{first.Port}"));
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        AssertOneLine(result, "cloudbr-agent cannot start: ", $"127.0.0.1:{first.Port}: address already in use");
        AssertLeftNothing();
    }

    /// <summary>Nothing but its state, which the next start goes on from.</summary>
    private void AssertLeftNothing() =>
        Assert.That(Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName), Is.SubsetOf(new[] { "state" }));

    private static void AssertOneLine(CommandResult result, string start, string words)
    {
        Assert.That(result.Error, Does.StartWith(start).And.Contain(words).And.EndsWith("\n"));
        Assert.That(result.Error.Count(c => c == '\n'), Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Is.Empty);
    }
}
