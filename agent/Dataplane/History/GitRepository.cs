using System.Globalization;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>The commits: what git knows of them, and how they are made and forgotten.</summary>
internal sealed class GitRepository(string directory, string host, ToolRunner run, TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WholeBatch = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WholeRepository = TimeSpan.FromMinutes(15);

    private readonly GitCommand _git = new(directory, run);

    public RepositoryFolder Folder { get; } = new(directory, time);

    /// <summary>Whether git can be run at all.</summary>
    public void CheckGit(CancellationToken cancellationToken) => _git.Run(["version"], Soon, cancellationToken);

    /// <summary>The newest commit; null if there is none yet.</summary>
    /// <exception cref="DamagedException">There should be one, and it cannot be read.</exception>
    public string? Tip(CancellationToken cancellationToken)
    {
        // Naming the tree makes git read the commit.
        var result = _git.Try(new ToolCall("git", ["rev-parse", "--verify", "-q", $"{FastImport.Branch}^{{tree}}"]), Soon, cancellationToken);
        if (result.ExitCode == 0)
        {
            return _git.Run(["rev-parse", "--verify", FastImport.Branch], Soon, cancellationToken).Trim();
        }

        var exists = _git.Try(new ToolCall("git", ["show-ref", "--verify", "-q", FastImport.Branch]), Soon, cancellationToken).ExitCode == 0
            || File.Exists(Path.Combine(Folder.Git, FastImport.Branch));
        return result.ExitCode == 1 && result.Error.Length == 0 && !exists
            ? null
            : throw new DamagedException("the newest commit cannot be read");
    }

    /// <summary>The commit of each generation that has one, the newest if several, and how many commits there are.</summary>
    /// <exception cref="DamagedException">A commit cannot be read.</exception>
    public (Dictionary<ulong, string> Commits, int Count) ReadCommits(CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "rev-list", "--first-parent", "--format=%H %ce %(trailers:key=Generation,valueonly,separator=%x2C)", FastImport.Branch,
        ];
        var result = _git.Try(new ToolCall("git", arguments), Soon, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new DamagedException(GitCommand.Failed(arguments, result).Message);
        }

        var commits = new Dictionary<ulong, string>();
        var count = 0;
        foreach (var line in result.Output.Split('\n'))
        {
            if (line.StartsWith("commit ", StringComparison.Ordinal))
            {
                count++;
            }
            else if (line.Split(' ') is [var hash, CommitText.AgentEmail, var number]
                && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
            {
                commits.TryAdd(generation, hash);
            }
        }

        return (commits, count);
    }

    /// <summary>
    /// Commits all of these with one process, and returns their hashes. The branch moves once, at the end, and only if nobody else
    /// has moved it meanwhile: git refuses to lose commits.
    /// </summary>
    /// <param name="batch">The generations, the oldest first.</param>
    /// <param name="files">The files.</param>
    /// <param name="before">What the tip holds; null if that is not known, so that the first commit has everything.</param>
    /// <param name="tip">What they stand on.</param>
    /// <param name="hasCommit">Whether a generation has a commit already.</param>
    /// <param name="cancellationToken">Kills git.</param>
    public IReadOnlyList<string> Import(
        IReadOnlyList<Generation> batch,
        HistoryFiles files,
        Generation? before,
        string? tip,
        Func<ulong, bool> hasCommit,
        CancellationToken cancellationToken)
    {
        var call = new ToolCall("git", ["fast-import", "--quiet", "--done"]) { WriteInput = WriteAsync };
        var result = _git.Try(call, WholeBatch, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw GitCommand.Failed(call.Arguments, result);
        }

        var hashes = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return hashes.Length == batch.Count
            ? hashes
            : throw new GitException($"git fast-import: named {hashes.Length} commits, not {batch.Count}", isRefusal: true);

        async Task WriteAsync(Stream output, CancellationToken cancellation)
        {
            var stream = new FastImport(output);
            var (last, from) = (before, tip);
            var told = new HashSet<ulong>();
            foreach (var generation in batch)
            {
                var isNews = told.Add(generation.Number) && !hasCommit(generation.Number);
                stream.BeginCommit(
                    CommitText.Author(generation.Entry, host),
                    CommitText.Committer(time.GetUtcNow()),
                    CommitText.Message(generation.Entry, isNews),
                    from);
                if (last is null)
                {
                    stream.RemoveAll();
                }

                foreach (var file in last is null ? files.All(generation) : files.Between(last, generation))
                {
                    stream.Add(file);
                }

                await stream.EndCommitAsync(cancellation).ConfigureAwait(false);
                (last, from) = (generation, null);
            }

            await stream.FinishAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Makes git's list of files that of the newest commit, whatever the list was. No file is looked at: that would run filters.
    /// </summary>
    public void ResetIndex(CancellationToken cancellationToken) => _git.Run(["read-tree", FastImport.Branch], Soon, cancellationToken);

    /// <summary>
    /// Forgets all but the newest commits, and packs what is left. No commit is written anew, so that hashes which somebody noted stay
    /// true: the oldest one that is kept is named in `shallow`, as in a clone of limited depth, and git takes it for the first.
    /// </summary>
    public void Tidy(int kept, CancellationToken cancellationToken)
    {
        var oldest = _git.Run(
            ["rev-list", "--first-parent", $"--skip={kept - 1}", "--max-count=1", FastImport.Branch], Soon, cancellationToken).Trim();
        if (oldest.Length > 0)
        {
            // Branches that somebody made end where main ended when it came past them, so these ends must stay; git drops the others.
            var ends = File.Exists(Folder.Shallow) ? File.ReadAllLines(Folder.Shallow) : [];
            Folder.Write(Folder.Shallow, string.Concat(ends.Append(oldest).Distinct().Select(e => $"{e}\n")));
        }

        string[] arguments =
        [
            "-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "-c", "pack.threads=1", "-c", "pack.windowMemory=64m",
            "gc", "--quiet", "--force", "--prune=now",
        ];
        var result = _git.Try(new ToolCall("git", arguments) { IsUnhurried = true }, WholeRepository, cancellationToken);
        if (result.ExitCode == 0)
        {
            return;
        }

        // Either the disk is full, or what git has to pack is damaged.
        var check = _git.Try(new ToolCall("git", ["fsck", "--connectivity-only", "--no-dangling"]) { IsUnhurried = true }, WholeRepository, cancellationToken);
        var failure = GitCommand.Failed(["gc"], result);
        throw check.ExitCode == 0 ? failure : new DamagedException(failure.Message);
    }

    /// <summary>How many objects have a file of their own.</summary>
    public int CountLoose(CancellationToken cancellationToken)
    {
        var words = _git.Run(["count-objects"], Soon, cancellationToken).Split(' ');
        return int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
    }
}

/// <summary>The repository cannot be used as it is.</summary>
internal sealed class DamagedException(string message) : Exception(message);
