using System.Diagnostics;

namespace Cloudbr.Agent.Testing.Processes;

/// <summary>
/// Runs a program to its end with an argument list (never a shell), stdin closed and a time limit. The program is
/// killed when the thread that waits for it dies, so that a killed test run leaves no program behind.
/// </summary>
public static class Command
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs it and throws with its output when it fails.</summary>
    public static CommandResult Run(params IReadOnlyList<string> arguments) => TryRun(arguments).EnsureSuccess();

    /// <summary>Runs it and returns whatever came of it.</summary>
    public static CommandResult TryRun(IReadOnlyList<string> arguments, string? input = null, TimeSpan? limit = null)
    {
        using var process = TiedProcess.StartOnThisThread(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        WriteInput(process, input);

        var timeLimit = limit ?? DefaultLimit;
        if (!process.WaitForExit(timeLimit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new TimeoutException($"{string.Join(' ', arguments)}: still running after {timeLimit.TotalSeconds:0} s, killed");
        }

        return new CommandResult(arguments, process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static void WriteInput(Process process, string? input)
    {
        try
        {
            if (input is not null)
            {
                process.StandardInput.Write(input);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of it; its exit code says whether that was wrong.
        }
    }
}
