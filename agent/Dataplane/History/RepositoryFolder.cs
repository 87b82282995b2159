using System.Globalization;
using System.Text;

namespace Cloudbr.Agent.Dataplane.History;

/// <summary>
/// The repository's folder, kept as the agent needs it without asking git: what of it somebody changed may be the reason why git
/// cannot be asked, or may make git start a program.
/// </summary>
internal sealed class RepositoryFolder(string directory, TimeProvider time)
{
    /// <summary>Nobody's git holds a lock for so long, save one that was killed, or waits for an editor.</summary>
    public static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestPack = TimeSpan.FromHours(1);
    private const int MostSetAside = 3;
    private const string Head = $"ref: {FastImport.Branch}\n";

    // No commit graph, also when an operator packs: it would go on naming commits that were forgotten.
    private const string Config = """
        # Written by cloudbr-agent, and written again when somebody changes it.
        [core]
        	repositoryformatversion = 0
        	filemode = false
        	bare = false
        	logallrefupdates = false
        	commitgraph = false
        [gc]
        	auto = 0
        	writecommitgraph = false

        """;

    private static readonly string[] Folders = ["", "objects", "refs", "refs/heads"];

    private readonly string _git = Path.Combine(directory, ".git");

    public string Git => _git;

    public string Shallow => Path.Combine(_git, "shallow");

    /// <summary>Makes what is missing and rewrites what is not as it should be; says what somebody had changed.</summary>
    public IReadOnlyList<string> Mend()
    {
        Directory.CreateDirectory(directory);
        var mended = new List<string>();
        if (IsLink(_git) || Folders.Any(f => File.Exists(Path.Combine(_git, f))))
        {
            // git would follow a link, and a file may be a link of git's own, to wherever it points.
            mended.Add($"what should be folders in .git are none; it was set aside as {SetAside()}, and a new one begins");
        }

        var isNew = !Directory.Exists(_git);
        foreach (var folder in Folders)
        {
            Directory.CreateDirectory(Path.Combine(_git, folder));
        }

        MendFile("HEAD", Head);
        MendFile("config", Config);
        var elsewhere = Path.Combine(_git, "commondir");
        if (File.Exists(elsewhere) || IsLink(elsewhere))
        {
            // It would have git, and everybody who reads with git, look for all of it in another place.
            File.Delete(elsewhere);
            mended.Add(".git/commondir is gone");
        }

        return mended;

        void MendFile(string name, string content)
        {
            var file = Path.Combine(_git, name);
            if (!IsLink(file) && new FileInfo(file) is { Exists: true } there && there.Length == content.Length && File.ReadAllText(file) == content)
            {
                return;
            }

            Write(file, content);
            if (!isNew)
            {
                mended.Add($".git/{name} was changed; it was written again");
            }
        }
    }

    /// <summary>Writes the file so that it is either the old one or the new one, and never through a link.</summary>
    public void Write(string file, string content)
    {
        var draft = Path.Combine(_git, "cloudbr-draft");
        File.Delete(draft);
        if (Directory.Exists(file) && !IsLink(file))
        {
            Directory.Delete(file, recursive: true);
        }

        File.WriteAllBytes(draft, Encoding.UTF8.GetBytes(content));
        File.Move(draft, file, overwrite: true);
    }

    /// <summary>Puts the repository where it is in nobody's way, and says where. The oldest that lie there go.</summary>
    public string SetAside()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $".git-damaged-{time.GetUtcNow():yyyyMMdd'T'HHmmss.fff}");
        Directory.Move(_git, Path.Combine(directory, name));
        foreach (var old in Directory.GetDirectories(directory, ".git-damaged-*").Order(StringComparer.Ordinal).SkipLast(MostSetAside))
        {
            Try(() => Directory.Delete(old, recursive: true));
        }

        return name;
    }

    /// <summary>
    /// Removes what a git that was killed left: locks, and files that it began. A younger lock may be that of a git which is
    /// running; how long it has still to be waited for.
    /// </summary>
    public TimeSpan ClearLeftovers()
    {
        var now = time.GetUtcNow();
        var wait = TimeSpan.Zero;
        foreach (var file in Leftovers())
        {
            var age = now - File.GetLastWriteTimeUtc(file);
            var limit = Path.GetFileName(file).StartsWith("tmp_", StringComparison.Ordinal) ? LongestPack : LongestLock;
            if (age >= limit || age < TimeSpan.Zero)
            {
                Try(() => File.Delete(file));
            }
            else if (limit == LongestLock && limit - age > wait)
            {
                wait = limit - age;
            }
        }

        return wait;
    }

    public static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private List<string> Leftovers()
    {
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var packs = Path.Combine(_git, "objects", "pack");
        return
        [
            .. Directory.EnumerateFiles(_git, "*.lock"),
            .. Directory.EnumerateFiles(_git, "fast_import_crash_*"),
            .. Directory.EnumerateFiles(Path.Combine(_git, "refs"), "*.lock", everywhere),
            .. Directory.Exists(packs) ? Directory.EnumerateFiles(packs, "tmp_*") : [],
        ];
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is somebody else's; what it is in the way of says so itself.
        }
    }
}
