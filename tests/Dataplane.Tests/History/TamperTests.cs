using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>Whatever somebody does to the folder, the next generation is in it, whole, and nothing runs as the agent.</summary>
internal sealed class TamperTests
{
    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    [Test]
    public void Keep_FilesWereEdited_WritesThemAgain()
    {
        using var history = _host.Start();
        var config = Config(Network("a"), Network("b"), Network("c"));
        Write(history, Generation(1, config));
        File.WriteAllText(_host["networks/a.yaml"], "edited");
        File.Delete(_host["networks/b.yaml"]);
        File.Delete(_host["networks/c.yaml"]);
        File.CreateSymbolicLink(_host["networks/c.yaml"], _host.Outside.Write("precious", "precious"));
        Write(history, Generation(2, config));
        AssertWhole("2", "1");
        Assert.That(File.ReadAllText(_host.Outside["precious"]), Is.EqualTo("precious"));
        Assert.That(_host.Told, Is.EqualTo(["touched: somebody changed networks/a.yaml, networks/b.yaml, networks/c.yaml; written again"]));
    }

    [Test]
    public void Keep_FolderBecameALink_IsNotFollowed()
    {
        using var history = _host.Start();
        var config = Config(Network("a"));
        Write(history, Generation(1, config));
        Directory.Delete(_host["networks"], recursive: true);
        Directory.CreateDirectory(_host.Outside["elsewhere"]);
        Directory.CreateSymbolicLink(_host["networks"], _host.Outside["elsewhere"]);
        Write(history, Generation(2, config));
        AssertWhole("2", "1");
        Assert.That(Directory.EnumerateFileSystemEntries(_host.Outside["elsewhere"]), Is.Empty);
    }

    [Test]
    public void Keep_FilesOfNobodyLieInTheFolders_GoAtTheNextStartAndOthersStay()
    {
        _host.Live(Generation(1, Config(Network("a"))));
        File.WriteAllText(_host["networks/forged.yaml"], "forged");
        File.WriteAllText(_host["notes.txt"], "mine");
        _host.Live(Generation(2, Config(Network("a"))));
        Assert.That(File.Exists(_host["networks/forged.yaml"]), Is.False);
        Assert.That(_host.Git("status", "--porcelain"), Is.EqualTo("?? notes.txt"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Keep_SomebodyCommitted_GoesOnTopWithEverything(bool whileTheAgentRuns)
    {
        var config = Config(Network("a"), Network("b"));
        var history = _host.Start();
        Write(history, Generation(1, config));
        if (!whileTheAgentRuns)
        {
            history.Dispose();
        }

        File.WriteAllText(_host["networks/a.yaml"], "forged");
        File.WriteAllText(_host["networks/x.yaml"], "forged");
        _host.Git("add", "--all");
        _host.Git("rm", "-q", "--cached", "networks/b.yaml");
        _host.Git("commit", "-q", "-m", "forged");
        if (!whileTheAgentRuns)
        {
            history = _host.Start();
        }

        Write(history, Generation(2, config));
        history.Dispose();
        Assert.That(_host.Lines("log", "--format=%an"), Is.EqualTo(["CN=mgmt-1", "Olga", "CN=mgmt-1"]), "nobody's commits are lost");
        Assert.That(
            _host.Lines("show", "--format=", "--name-status", "main"),
            Is.EqualTo(["M\tgeneration.yaml", "M\tnetworks/a.yaml", "A\tnetworks/b.yaml", "D\tnetworks/x.yaml"]));
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
        Assert.That(_host.Told.Count(t => t.StartsWith("touched: somebody moved refs/heads/main", StringComparison.Ordinal)), Is.EqualTo(whileTheAgentRuns ? 1 : 0));
    }

    [Test]
    public void Keep_SomebodyCommitsWhileItIsWritten_LosesNothing()
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"))));
        var committed = false;
        _host.Instead = (call, _) =>
        {
            if (Subcommand(call) == "fast-import" && !committed)
            {
                committed = true;
                _host.Git("commit", "-q", "--allow-empty", "-m", "in between");
            }

            return Task.FromResult<Linux.Process.ToolResult?>(null);
        };
        Write(history, Generation(2, Config(Network("a"))));
        Assert.That(_host.Lines("log", "--format=%s"), Is.EqualTo(["change 2", "in between", "change 1"]));
        Assert.That(_host.Told, Is.Empty, "it was tried again at once");
    }

    [Test]
    public void Keep_SomebodyWentBackOrLookedAtOldCommits_GoesOnWithMain()
    {
        using var history = _host.Start();
        Write(history, Generation(1), Generation(2, Config(Network("a"))));
        Write(history, Generation(3, Config(Network("a"))));
        _host.Git("reset", "-q", "--hard", "main^");
        _host.Git("checkout", "-q", "--detach");
        Write(history, Generation(4, Config(Network("a"))));
        AssertWhole("4", "2", "1");
    }

    // A first commit, for what was there is no repository any more.
    [TestCase(".git/HEAD", null, false)]
    [TestCase(".git/HEAD", "garbage", false)]
    [TestCase(".git/HEAD", "ref: refs/heads/other\n", false)]
    [TestCase(".git/config", "[garbage", false)]
    [TestCase(".git/config", null, false)]
    [TestCase(".git/commondir", "/nowhere", false)]
    [TestCase(".git/index", "garbage", false)]
    [TestCase(".git/info/grafts", "garbage", false)]
    [TestCase(".git/objects/pack/garbage.pack", "garbage", false)]
    [TestCase(".git/refs/heads/main", "garbage", true)]
    [TestCase(".git/refs/heads/main", "1111111111111111111111111111111111111111\n", true)]
    [TestCase(".git/refs/heads/main", null, true)]
    [TestCase(".git/packed-refs", "garbage", true)]
    [TestCase(".git/shallow", "garbage", true)]
    public void Keep_FileOfTheRepositoryIsGarbage_WritesAllTheSame(string file, string? content, bool isNewRepository)
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"))));
        if (content is null)
        {
            File.Delete(_host[file]);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_host[file])!);
            File.WriteAllText(_host[file], content);
        }

        Write(history, Generation(2, Config(Network("a"))));
        AssertWhole(isNewRepository ? ["2"] : ["2", "1"]);
        Assert.That(_host.Told.Where(t => t.StartsWith("off", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("objects")]
    [TestCase("refs")]
    [TestCase("")]
    public void Keep_FolderOfTheRepositoryIsGone_BeginsANewOne(string folder)
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"))));
        Directory.Delete(_host[$".git/{folder}"], recursive: true);
        Write(history, Generation(2, Config(Network("a"))));
        AssertWhole("2");
    }

    [TestCase("objects")]
    [TestCase("refs")]
    [TestCase("")]
    public void Keep_FolderOfTheRepositoryIsAFile_SetsItAside(string folder)
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"))));
        var path = _host[$".git/{folder}"].TrimEnd('/');
        Directory.Delete(path, recursive: true);
        File.WriteAllText(path, "gitdir: /nowhere\n");
        Write(history, Generation(2, Config(Network("a"))));
        Assert.That(_host.Generations, Is.EqualTo(["2"]));
        Assert.That(Directory.GetFileSystemEntries(_host.Path, ".git-damaged-*"), Has.Length.EqualTo(1));
    }

    [Test]
    public void Keep_OldObjectsAreGone_IsNoticedWhenPackingAndANewRepositoryHasTheNewest()
    {
        using var history = _host.Start(kept: 30);
        Write(history, Generation(1, Config(Network("b"))), Generation(2, Config(Network("a"))));
        var blob = _host.Git("rev-parse", "main^:networks/b.yaml");
        File.Delete(_host[$".git/objects/{blob[..2]}/{blob[2..]}"]);
        Write(history, Generation(3, Config(Network("a"))));
        AssertWhole("3");
        Assert.That(_host.Told.Single(), Does.StartWith("touched: it is damaged (git gc: ").And.EndWith("a new one begins"));
    }

    private void AssertWhole(params string[] generations)
    {
        Assert.That(_host.Generations, Is.EqualTo(generations));
        Assert.That(File.ReadAllText(_host["networks/a.yaml"]), Is.EqualTo("network a 100\n"));
        Assert.That(_host.Git("diff", "--stat", "HEAD"), Is.Empty);
        Assert.That(_host.Git("rev-parse", "--abbrev-ref", "HEAD"), Is.EqualTo("main"));
    }
}
