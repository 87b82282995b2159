using System.Collections.Concurrent;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>Starts a tool of the host and waits for its end.</summary>
public delegate Task<ToolResult> RunTool(ToolCall call, TimeSpan limit);

/// <summary>Talks to the packet filter's tools: one process for all that one of them has to do.</summary>
internal sealed class FilterTool(RunTool run)
{
    /// <summary>How long a tool waits for somebody else who changes the filter at the moment.</summary>
    private const string LockSeconds = "10";

    private const int LockedExit = 4;

    /// <summary>More than are started between two looks at who changed the filter.</summary>
    private const int MostRemembered = 256;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<int> _writers = new();

    /// <summary>Whether this process was started here to change the filter.</summary>
    public bool IsOurs(int process) => _writers.Contains(process);

    /// <summary>What the tool prints; null if the host does not have it, and so nothing of ours is in it.</summary>
    public Task<string?> ReadAsync(string tool, params IReadOnlyList<string> arguments) => ReadAsync(new ToolCall(tool, arguments));

    /// <summary>What a restore tool prints of chains that are there.</summary>
    public Task<string?> ListAsync(string tool, string text) => ReadAsync(ToRestore(tool, text));

    private async Task<string?> ReadAsync(ToolCall call)
    {
        var tool = call.Name;
        try
        {
            var result = await run(call, Limit).ConfigureAwait(false);
            return result.ExitCode == 0 ? result.Output : throw new KernelException(Refused(tool, result, ""));
        }
        catch (ToolException e) when (e.IsMissing)
        {
            return null;
        }
        catch (ToolException e)
        {
            throw new KernelException(Broken(tool, e), e);
        }
    }

    /// <summary>Has the tool do all that the text says; why it did not, or null.</summary>
    public Task<Failure?> WriteAsync(string tool, string text, params IReadOnlyList<string> arguments) => WriteAsync(With(text, tool, arguments), text);

    public Task<Failure?> RestoreAsync(string tool, string text) => WriteAsync(ToRestore(tool, text), text);

    private static ToolCall ToRestore(string tool, string text) => tool.StartsWith("ebtables", StringComparison.Ordinal)
        ? With(text, tool, "--noflush")
        : With(text, tool, "--noflush", "-w", LockSeconds);

    private static ToolCall With(string text, string tool, params IReadOnlyList<string> arguments) =>
        new(tool, arguments) { WriteInput = (input, stop) => input.WriteAsync(Encoding.UTF8.GetBytes(text), stop).AsTask() };

    private async Task<Failure?> WriteAsync(ToolCall call, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var tool = call.Name;
        try
        {
            var result = await run(call, Limit).ConfigureAwait(false);
            _writers.Enqueue(result.ProcessId);
            while (_writers.Count > MostRemembered)
            {
                _writers.TryDequeue(out _);
            }

            return result.ExitCode == 0 ? null : Refused(tool, result, text);
        }
        catch (ToolException e)
        {
            return Broken(tool, e);
        }
    }

    private static Failure Refused(string tool, ToolResult result, string text)
    {
        var line = RestoreFailure.Line(result.Error);
        var around = line is { } number ? RestoreFailure.Around(text, number) : "";
        var isLocked = result.ExitCode == LockedExit && result.Error.Contains("xtables lock", StringComparison.Ordinal);
        return new Failure
        {
            Operation = tool,
            Subject = new ObjectRef(ObjectKind.Host),
            Reason = isLocked ? "XTABLES_LOCKED" : "FILTER_REFUSED",
            Message = isLocked
                ? $"{tool} waited {LockSeconds} s for the xtables lock, which somebody else holds; nothing was changed"
                : $"{tool} refused what it was given; nothing of it was applied",
            Evidence = around.Length > 0 ? $"{result.Error.Trim()} (lines {around})" : result.Error.Trim(),
            Remedy = isLocked
                ? "see who changes the packet filter for so long (`fuser /run/xtables.lock`)"
                : "see the evidence; a kernel without the match or target it names needs its module",
            Retryable = isLocked,
        };
    }

    private static Failure Broken(string tool, ToolException e) => new()
    {
        Operation = tool,
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = e.IsMissing ? "TOOL_MISSING" : "TOOL_FAILED",
        Message = e.Message,
        Remedy = e.IsMissing ? $"install the package that has {tool}" : "see whether the host is out of memory or processes",
        Retryable = !e.IsMissing,
    };
}
