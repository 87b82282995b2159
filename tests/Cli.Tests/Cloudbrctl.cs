using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Cli.Tests;

/// <summary>The built program, run as operators run it.</summary>
internal static class Cloudbrctl
{
    /// <summary>Far more than anything here takes: it only ends a test that would wait for ever.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string Program = Repository.BuiltFile("agent/Cli", "cloudbrctl");

    public static IReadOnlyList<string> CommandLine(params IReadOnlyList<string> arguments) => DotnetProgram.Executable(Program, arguments);

    public static CommandResult Run(params IReadOnlyList<string> arguments) => Command.TryRun(CommandLine(arguments), limit: Limit);

    public static RunningCommand Start(params IReadOnlyList<string> arguments) => new(CommandLine(arguments));

    /// <summary>It said nothing on stdout, this in one line on stderr, and perhaps a hint in a second.</summary>
    public static void AssertFailed(CommandResult result, int exitCode, string line, int lines = 1)
    {
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ToString);
        Assert.That(result.Error, Does.StartWith(line), result.ToString);
        Assert.That(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(lines), result.Error);
        Assert.That(result.Error, Does.Not.Contain("   at "), "no stack trace");
        Assert.That(result.Output, Is.Empty);
    }
}
