using Cloudbr.Agent.Linux.Process;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>Who can write into the folder cannot have a program run as the agent, which may change the host's network.</summary>
internal sealed class ProgramTests
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] Hooks =
    [
        "reference-transaction", "post-index-change", "pre-auto-gc", "post-checkout", "post-commit", "pre-commit", "post-rewrite",
        "fsmonitor-watchman", "update", "post-update", "prepare-commit-msg",
    ];

    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    private string Marker => _host.Outside["marker"];

    [Test]
    public void Keep_HooksFiltersAndConfigOfSomebodyElse_AreNotRun()
    {
        using var history = _host.Start(kept: 2);
        Write(history, Generation(1, Config(Network("a"))));
        Tamper(_host[".git/hooks"]);
        File.WriteAllText(_host[".git/config"], EvilConfig());
        Write(history, Generation(2, Config(Network("b"))));
        Write(history, Generation(3, Config(Network("c"))), Generation(4, Config(Network("d"))));
        Assert.That(_host.Generations, Is.EqualTo(["4", "3"]));
        Assert.That(_host.Told, Is.EqualTo(["touched: .git/config was changed; it was written again"]));
        Assert.That(File.Exists(Marker), Is.False);
        AssertTrapsWork();
    }

    [Test]
    public void Keep_ConfigIsChangedJustBeforeGitReadsIt_HooksAreNotRun()
    {
        Tamper(_host.Outside["hooks"]);
        using var history = _host.Start(kept: 2);
        Settle(history);
        Tamper(_host[".git/hooks"]);
        _host.Instead = (_, _) =>
        {
            File.WriteAllText(_host[".git/config"], EvilConfig());
            return Task.FromResult<ToolResult?>(null);
        };
        Write(history, Generation(1, Config(Network("a"))), Generation(2, Config(Network("b"))));
        Write(history, Generation(3, Config(Network("c"))));
        Assert.That(_host.Generations, Is.EqualTo(["3", "2"]));
        Assert.That(File.Exists(Marker), Is.False);
        AssertTrapsWork();
    }

    [Test]
    public void Keep_Always_IsRunWithoutTheHostsConfiguration()
    {
        using var history = _host.Start();
        Write(history, Generation(1));
        Assert.That(_host.Calls, Is.Not.Empty);
        foreach (var call in _host.Calls)
        {
            Assert.That(call.Environment!.Keys, Does.Not.Contain("HOME").And.Not.Contain("XDG_CONFIG_HOME"));
            Assert.That(call.Environment!["GIT_CONFIG_NOSYSTEM"], Is.EqualTo("1"));
            Assert.That(call.Environment!["GIT_CONFIG_GLOBAL"], Is.EqualTo("/dev/null"));
            Assert.That(call.Environment!["GIT_DIR"], Is.EqualTo(_host[".git"]));
        }
    }

    /// <summary>Without this the tests above would prove nothing.</summary>
    private void AssertTrapsWork()
    {
        File.WriteAllText(_host[".git/config"], EvilConfig());
        File.WriteAllText(_host["networks/trap.yaml"], "trap");
        _host.Git("add", "networks/trap.yaml");
        Assert.That(File.ReadAllText(Marker), Does.Contain("filter"));
        _host.Git("update-ref", "refs/heads/trap", "main");
        Assert.That(File.ReadAllText(Marker), Does.Contain("reference-transaction"));
    }

    private void Tamper(string hooks)
    {
        Directory.CreateDirectory(hooks);
        foreach (var hook in Hooks)
        {
            Script(Path.Combine(hooks, hook), hook);
        }

        Directory.CreateDirectory(_host[".git/info"]);
        File.WriteAllText(_host[".git/info/attributes"], "* filter=evil diff=evil merge=evil\n");
        File.WriteAllText(_host[".gitattributes"], "* filter=evil diff=evil merge=evil\n");
    }

    private string EvilConfig()
    {
        var script = Script(_host.Outside["evil"], "filter");
        var hooks = Directory.Exists(_host.Outside["hooks"]) ? $"hooksPath = {_host.Outside["hooks"]}" : "";
        return $"""
            [core]
              repositoryformatversion = 0
              {hooks}
              fsmonitor = {script}
              pager = {script}
              sshCommand = {script}
              gitProxy = {script}
              editor = {script}
              alternateRefsCommand = {script}
            [filter "evil"]
              clean = {script}
              smudge = {script}
              required = true
            [diff "evil"]
              textconv = {script}
              command = {script}
            [log]
              showSignature = true
            [gpg]
              program = {script}
            [commit]
              gpgSign = true
            [remote "origin"]
              url = ext::{script}
              promisor = true
            [protocol]
              allow = always

            """;
    }

    private string Script(string path, string name)
    {
        File.WriteAllText(path, $"#!/bin/sh\necho {name} >> {Marker}\ncat\nexit 0\n");
        File.SetUnixFileMode(path, Executable);
        return path;
    }
}
