using System.ComponentModel;
using System.Diagnostics;

namespace Cloudbr.Agent.Linux.Process;

/// <summary>What a tool said.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>The tool is not installed, or did not end in time.</summary>
public sealed class ToolException(string message, bool isMissing) : Exception(message)
{
    public bool IsMissing { get; } = isMissing;
}

/// <summary>Runs one of the host's tools. Arguments go to it as they are: there is no shell in between, ever.</summary>
public static class Tool
{
    public static async Task<ToolResult> RunAsync(
        string name, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var file = ToolPath.Find(name) ?? throw new ToolException($"{name} is not installed", isMissing: true);
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What tools print is read by the agent and shown to operators; it must not depend on the host's language.
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new ToolResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ToolException($"{name} did not end within {timeout.TotalSeconds:0.#} s and was killed", isMissing: false);
        }
    }

    private static System.Diagnostics.Process Start(ProcessStartInfo start)
    {
        try
        {
            return System.Diagnostics.Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"{start.FileName} could not be started: {e.Message}", isMissing: false);
        }
    }
}
