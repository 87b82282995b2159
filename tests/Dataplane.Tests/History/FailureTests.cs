using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Linux.Process;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>Without git, or with one that fails, the history is off and says why; then it goes on, without a gap in what it shows.</summary>
internal sealed class FailureTests
{
    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    [Test]
    public void Start_NoGitOnTheHost_IsOffFromTheBeginning()
    {
        _host.Instead = (_, _) => throw new ToolException("git is not installed", isMissing: true);
        using var history = _host.Start();
        Settle(history);
        Assert.That(history.OffReason, Is.EqualTo("git is not installed"));
        Write(history, Generation(1));
        Write(history, Generation(2));
        Assert.That(history.CommitOf(1), Is.Empty);
        Assert.That(_host.Told, Is.EqualTo(["off: git is not installed"]), "once");
        Assert.That(Directory.Exists(_host.Path), Is.False);
    }

    [Test]
    public void Keep_GitIsInstalledLater_BeginsWithThat()
    {
        _host.Instead = (_, _) => throw new ToolException("git is not installed", isMissing: true);
        using var history = _host.Start();
        Write(history, Generation(1));
        _host.Instead = null;
        Write(history, Generation(2, Config(Network("a"))));
        Assert.That(history.OffReason, Is.Null);
        Assert.That(_host.Told, Is.EqualTo(["off: git is not installed", "on"]));
        Assert.That(_host.Generations, Is.EqualTo(["2"]));
    }

    [Test]
    public void Keep_GitFailsForAWhile_SaysWhyOnceAndClosesTheGap()
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"), Network("b"))));
        Fail("fast-import", "warning: first\nfatal: write error: No space left on device\nfatal: later\n");
        Write(history, Generation(2, Config(Network("b"), Network("c"))));
        Write(history, Generation(3, Config(Network("b"), Network("d"))));
        const string Reason = "git fast-import: fatal: write error: No space left on device";
        Assert.That(history.OffReason, Is.EqualTo(Reason));
        _host.Instead = null;
        Write(history, Generation(4, Config(Network("b"), Network("d"))));
        Assert.That(history.OffReason, Is.Null);
        Assert.That(_host.Told, Is.EqualTo([$"off: {Reason}", "on"]));
        Assert.That(_host.Generations, Is.EqualTo(["4", "1"]));
        Assert.That(
            _host.Lines("diff", "--name-status", "main^", "main"), Is.EqualTo(["M\tgeneration.yaml", "D\tnetworks/a.yaml", "A\tnetworks/d.yaml"]));
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
    }

    [Test]
    public void Keep_FailsOnce_IsTriedAgainAtOnce()
    {
        using var history = _host.Start();
        Write(history, Generation(1, Config(Network("a"))));
        var failed = false;
        _host.Instead = (call, _) => Task.FromResult(Subcommand(call) == "fast-import" && !failed && (failed = true) ? new ToolResult(128, "", "fatal: no") : null);
        Write(history, Generation(2, Config(Network("a"))));
        Assert.That(_host.Generations, Is.EqualTo(["2", "1"]));
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_FolderCannotBeMade_IsOffAndSaysWhy()
    {
        _host.Outside.Write("history", "a file is in the way");
        using var history = _host.Start();
        Write(history, Generation(1));
        Assert.That(history.OffReason, Does.Contain(_host.Path));
        Assert.That(_host.Told, Has.Count.EqualTo(1));
    }

    [Test]
    public void Keep_PackingFails_KeepsOnWritingAndSaysSo()
    {
        using var history = _host.Start(kept: 10);
        Fail("gc", "error: failed to run repack\n");
        Write(history, Generation(1), Generation(2));
        Write(history, Generation(3));
        Assert.That(history.OffReason, Is.Null);
        Assert.That(_host.Told.Distinct(), Is.EqualTo(["untidy: old commits are still there: git gc: error: failed to run repack"]));
        Assert.That(_host.Generations, Is.EqualTo(["3", "2", "1"]));
    }

    [TestCase("index.lock")]
    [TestCase("HEAD.lock")]
    [TestCase("shallow.lock")]
    [TestCase("packed-refs.lock")]
    [TestCase("refs/heads/main.lock")]
    public void Keep_LockOfAGitThatWasKilled_IsRemoved(string name)
    {
        _host.Live(Generation(1));
        var old = DateTime.UtcNow - RepositoryFolder.LongestLock;
        File.WriteAllText(_host[$".git/{name}"], "");
        File.SetLastWriteTimeUtc(_host[$".git/{name}"], old);
        using var history = _host.Start(kept: 1);
        Write(history, Generation(2, Config(Network("a"))));
        Assert.That(_host.Generations, Is.EqualTo(["2"]));
        Assert.That(File.Exists(_host[$".git/{name}"]), Is.False);
        Assert.That(_host.Git("status", "--porcelain"), Is.Empty);
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_LockThatMayBeHeld_IsWaitedForAndThenRemoved()
    {
        using var history = _host.Start();
        Write(history, Generation(1));
        var name = _host[".git/refs/heads/main.lock"];
        File.WriteAllText(name, "");
        File.SetLastWriteTimeUtc(name, DateTime.UtcNow - RepositoryFolder.LongestLock + TimeSpan.FromSeconds(2));
        Write(history, Generation(2));
        Assert.That(_host.Generations, Is.EqualTo(["2", "1"]));
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_WhatAKilledImportBegan_IsCleared()
    {
        _host.Live(Generation(1));
        Directory.CreateDirectory(_host[".git/objects/pack"]);
        string[] left = [_host[".git/fast_import_crash_4711"], _host[".git/objects/pack/tmp_pack_abc"]];
        foreach (var file in left)
        {
            File.WriteAllText(file, "");
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-1));
        }

        _host.Live(Generation(2));
        Assert.That(left.Where(File.Exists), Is.Empty);
    }

    private void Fail(string subcommand, string error) =>
        _host.Instead = (call, _) => Task.FromResult(Subcommand(call) == subcommand ? new ToolResult(128, "", error) : null);
}
