using System.ComponentModel;
using System.Diagnostics;

namespace Cloudbr.Agent.Linux.Process;

/// <summary>What a tool said.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The kernel tells others by it who did something.</summary>
    public int ProcessId { get; init; }
}

/// <summary>The tool is not installed, or did not end in time.</summary>
public sealed class ToolException(string message, bool isMissing) : Exception(message)
{
    public bool IsMissing { get; } = isMissing;
}

/// <summary>Runs one of the host's tools. Arguments go to it as they are: there is no shell in between, ever.</summary>
public static class Tool
{
    public static Task<ToolResult> RunAsync(
        string name, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(new ToolCall(name, arguments), timeout, cancellationToken);

    public static async Task<ToolResult> RunAsync(ToolCall call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = call.Name;
        using var process = Start(ToStart(call));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var unread = await WriteAsync(call, process, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            var result = new ToolResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false)) { ProcessId = process.Id };

            // A tool that fails says why itself; that it stopped reading is no news then.
            return unread is not null && result.ExitCode == 0
                ? throw new ToolException($"{name} did not read all of its input: {unread.Message}", isMissing: false)
                : result;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ToolException($"{name} did not end within {timeout.TotalSeconds:0.#} s and was killed", isMissing: false);
        }
        catch
        {
            // The input could not be made; the tool would wait for the rest of it.
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static ProcessStartInfo ToStart(ToolCall call)
    {
        var file = ToolPath.Find(call.Name) ?? throw new ToolException($"{call.Name} is not installed", isMissing: true);

        // Not by Process.PriorityClass: what the tool starts at once would not inherit it.
        var start = call.IsUnhurried && ToolPath.Find("nice") is { } nice
            ? new ProcessStartInfo(nice, ["-n", "19", file, .. call.Arguments])
            : new ProcessStartInfo(file, call.Arguments);
        start.WorkingDirectory = call.WorkingDirectory ?? "";
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        if (call.Environment is { } environment)
        {
            start.Environment.Clear();
            foreach (var (variable, value) in environment)
            {
                start.Environment[variable] = value;
            }
        }

        // What tools print is read by the agent and shown to operators; it must not depend on the host's language.
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Why the tool did not take all of it; null if it did.</summary>
    private static async Task<IOException?> WriteAsync(ToolCall call, System.Diagnostics.Process process, CancellationToken cancellationToken)
    {
        var input = process.StandardInput.BaseStream;
        try
        {
            if (call.WriteInput is { } write)
            {
                await write(input, cancellationToken).ConfigureAwait(false);
                await input.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException e)
        {
            return e;
        }
        finally
        {
            Close(input);
        }

        return null;
    }

    private static void Close(Stream input)
    {
        try
        {
            input.Close();
        }
        catch (IOException)
        {
            // What could not be written is still in its buffer, and cannot be written now either.
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
