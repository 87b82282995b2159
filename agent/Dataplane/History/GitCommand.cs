using System.Collections.Immutable;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>Runs a tool; the tests look at what is run.</summary>
internal delegate Task<ToolResult> ToolRunner(ToolCall call, TimeSpan timeout, CancellationToken cancellationToken);

/// <summary>
/// Runs git so that nothing on the host changes what it does: neither the machine's configuration nor anybody's own, no hook, no
/// program. The repository's configuration is the agent's (<see cref="RepositoryFolder"/>); what in it starts programs is overruled here
/// as well, for somebody may change that file just before git reads it. None of the commands that the agent uses fetches, shows
/// differences, or checks files in or out, for these run filters and other programs under names that cannot be known beforehand.
/// </summary>
internal sealed class GitCommand(string directory, ToolRunner run)
{
    private static readonly ImmutableArray<string> Always =
    [
        "--no-pager",
        "-c", "core.hooksPath=/dev/null",

        // Empty, not "false", which older versions take for a program's name.
        "-c", "core.fsmonitor=",
        "-c", "core.attributesFile=/dev/null",
        "-c", "log.showSignature=false",
        "-c", "protocol.allow=never",
        "-c", "gc.auto=0",
        "-c", "maintenance.auto=false",

        // A host that loses power must not be left with empty objects. Versions before 2.36 do not know the word and pass over it.
        "-c", "core.fsync=committed,reference",
        "-c", "core.filesRefLockTimeout=1000",
    ];

    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal)
    {
        // With the repository named, git neither looks for another one above it nor asks whose it is: the agent's user need not
        // be the one that made the folder.
        ["GIT_DIR"] = Path.Combine(directory, ".git"),
        ["GIT_WORK_TREE"] = directory,
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_SYSTEM"] = "/dev/null",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_ATTR_NOSYSTEM"] = "1",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["TZ"] = "UTC",
    };

    /// <summary>What git says, if it ends with 0.</summary>
    public string Run(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = Try(new ToolCall("git", arguments), timeout, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw Failed(arguments, result);
    }

    public ToolResult Try(ToolCall call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var whole = call with { Arguments = [.. Always, .. call.Arguments], Environment = _environment, WorkingDirectory = "/" };
            return run(whole, timeout, cancellationToken).GetAwaiter().GetResult();
        }
        catch (ToolException e)
        {
            throw new GitException(e.Message, isRefusal: false);
        }
    }

    public static GitException Failed(IReadOnlyList<string> arguments, ToolResult result)
    {
        // The first complaint is the cause; what follows are its consequences and advice.
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var said = lines.FirstOrDefault(l => l.StartsWith("fatal:", StringComparison.Ordinal) || l.StartsWith("error:", StringComparison.Ordinal))
            ?? lines.LastOrDefault() ?? $"ended with {result.ExitCode}";
        return new GitException($"git {arguments[0]}: {said}", isRefusal: true);
    }
}
