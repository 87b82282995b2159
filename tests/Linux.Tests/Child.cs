using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Linux.Tests;

/// <summary>Runs this project's own Main, with an environment and a current directory that a test chose.</summary>
internal static class Child
{
    public static string Run(IReadOnlyList<string> environment, params IReadOnlyList<string> arguments) =>
        Command.Run(["env", .. environment, .. DotnetProgram.Assembly(typeof(Child).Assembly.Location, arguments)]).Output.TrimEnd('\n');
}
