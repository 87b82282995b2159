using System.Collections.Concurrent;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Filtering;

/// <summary>Starts a tool of the host and waits for its end.</summary>
public delegate Task<ToolResult> RunTool(ToolCall call, TimeSpan limit);

/// <summary>Hears what an operator should know of a tool that did, or still does, what it was told.</summary>
public delegate void ToolWarning(string tool, string words);

/// <summary>Talks to the packet filter's tools: one process for all that one of them has to do.</summary>
/// <param name="run">Starts one.</param>
/// <param name="warn">Hears what it complains of though it goes on; the same again is said once.</param>
internal sealed class FilterTool(RunTool run, ToolWarning? warn = null)
{
    /// <summary>The reason where a tool did a part of what it was told, and not all.</summary>
    public const string LeftOut = "FILTER_INCOMPLETE";

    /// <summary>How long a tool waits for somebody else who changes the filter at the moment.</summary>
    private const string LockSeconds = "10";

    private const int LockedExit = 4;

    /// <summary>More than are started between two looks at who changed the filter.</summary>
    private const int MostRemembered = 256;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Somebody who holds the lock for longer than this is told of.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<int> _writers = new();
    private readonly ConcurrentDictionary<string, string> _warned = new(StringComparer.Ordinal);

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
            if (result.ExitCode != 0)
            {
                throw new KernelException(Unreadable(tool, result));
            }

            Warn(tool, result.Error);
            return result.Output;
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
            var running = run(call, Limit);
            if (await Task.WhenAny(running, Task.Delay(LongWait)).ConfigureAwait(false) != running && XtablesLock.WhoKeepsUsWaiting() is { Length: > 0 } holder)
            {
                warn?.Invoke(tool, $"it waits for {XtablesLock.Path}, which {holder} has held for more than {LongWait.TotalSeconds:0} s, and gives up after {LockSeconds} s");
            }

            var result = await running.ConfigureAwait(false);
            _writers.Enqueue(result.ProcessId);
            while (_writers.Count > MostRemembered)
            {
                _writers.TryDequeue(out _);
            }

            if (result.ExitCode != 0 || RestoreFailure.LeftSomethingOut(result.Error))
            {
                return Refused(tool, result, text);
            }

            Warn(tool, result.Error);
            return null;
        }
        catch (ToolException e)
        {
            return Broken(tool, e);
        }
    }

    private void Warn(string tool, string words)
    {
        words = words.Trim();
        var isNew = words.Length > 0 && _warned.GetValueOrDefault(tool) != words;
        _warned[tool] = words;
        if (isNew)
        {
            warn?.Invoke(tool, words);
        }
    }

    private static Failure Refused(string tool, ToolResult result, string text)
    {
        if (result.ExitCode == LockedExit && result.Error.Contains("xtables lock", StringComparison.Ordinal))
        {
            return Locked(tool, result);
        }

        var around = RestoreFailure.Line(result.Error) is { } number ? RestoreFailure.Around(text, number) : "";
        return new Failure
        {
            Operation = tool,
            Subject = ObjectRef.Host,
            Reason = result.ExitCode == 0 ? LeftOut : "FILTER_REFUSED",
            Message = result.ExitCode == 0
                ? $"{tool} left out a part of what it was given"
                : $"{tool} refused what it was given; nothing of it was applied",
            Evidence = around.Length > 0 ? $"{result.Error.Trim()} (lines {around})" : result.Error.Trim(),
            Remedy = "see the evidence; a kernel without the match or target it names needs its module",
        };
    }

    private static Failure Locked(string tool, ToolResult result)
    {
        var holder = XtablesLock.Holder();
        return new Failure
        {
            Operation = tool,
            Subject = ObjectRef.Host,
            Reason = "XTABLES_LOCKED",
            Message = $"{tool} waited {LockSeconds} s for {XtablesLock.Path}, which {(holder.Length > 0 ? holder : "somebody else")} holds; nothing was changed",
            Evidence = result.Error.Trim(),
            Remedy = $"see who changes the packet filter for so long (`fuser -v {XtablesLock.Path}`), and ask again",
            Retryable = true,
        };
    }

    private static Failure Unreadable(string tool, ToolResult result) => new()
    {
        Operation = tool,
        Subject = ObjectRef.Host,
        Reason = "FILTER_UNREADABLE",
        Message = $"{tool} could not read the packet filter",
        Evidence = $"exit code {result.ExitCode}: {result.Error.Trim()}",
        Remedy = "see the evidence; the service needs CAP_NET_ADMIN and CAP_NET_RAW, and the legacy tools the modules of their tables",
        Retryable = true,
    };

    private static Failure Broken(string tool, ToolException e) => new()
    {
        Operation = tool,
        Subject = ObjectRef.Host,
        Reason = e.IsMissing ? "TOOL_MISSING" : "TOOL_FAILED",
        Message = e.Message,
        Remedy = e.IsMissing ? $"install the package that has {tool}" : "see whether the host is out of memory or processes",
        Retryable = !e.IsMissing,
    };
}
