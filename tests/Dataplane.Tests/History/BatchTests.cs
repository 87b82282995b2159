using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Linux.Process;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>Many generations at once, and a git that takes its time.</summary>
internal sealed class BatchTests
{
    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    [Test]
    public void Keep_TwoHundredWhileGitIsBusy_AreTwoHundredCommitsOfOneProcess()
    {
        var release = HoldAt("version");
        using var history = _host.Start();
        for (var i = 1; i <= 200; i++)
        {
            history.Keep(Generation((ulong)i, Config(Network($"n{i}"))));
        }

        Assert.That(history.CommitOf(1), Is.Empty, "nobody waited for git");
        release.SetResult();
        Settle(history);
        Assert.That(_host.Generations, Is.EqualTo(Enumerable.Range(1, 200).Reverse().Select(i => $"{i}")));
        Assert.That(_host.Calls.Count(c => Subcommand(c) == "fast-import"), Is.EqualTo(1));
        Assert.That(
            Enumerable.Range(1, 200).Select(i => history.CommitOf((ulong)i)), Is.EqualTo(_host.Lines("log", "--reverse", "--format=%H")));
        Assert.That(_host.Lines("diff", "--name-status", "main^", "main"), Is.EqualTo(["M\tgeneration.yaml", "D\tnetworks/n199.yaml", "A\tnetworks/n200.yaml"]));
    }

    [Test]
    public void Keep_MoreThanAreLetWait_LosesTheOldestAndSaysSo()
    {
        var release = HoldAt("version");
        using var history = _host.Start(kept: 10_000);
        for (var i = 1; i <= GitHistory.MostWaiting + 3; i++)
        {
            history.Keep(Generation((ulong)i));
        }

        release.SetResult();
        Settle(history);
        Assert.That(_host.Generations[^1], Is.EqualTo("4"));
        Assert.That(_host.Generations, Has.Length.EqualTo(GitHistory.MostWaiting));
        Assert.That(_host.Told, Is.EqualTo(["untidy: git is too slow for so many changes; 3 generations have no commit of their own"]));
    }

    [Test]
    public void Dispose_GenerationsWait_AreWrittenFirst()
    {
        var history = _host.Start();
        history.Keep(Generation(1));
        history.Keep(Generation(2));
        history.Dispose();
        Assert.That(_host.Generations, Is.EqualTo(["2", "1"]));
        history.Keep(Generation(3));
        history.Dispose();
        Assert.That(_host.Generations, Has.Length.EqualTo(2), "after the end nothing is taken");
    }

    [Test]
    public void Dispose_GitHangs_IsKilledAndTheNextLifeClosesTheGap()
    {
        _host.Live(Generation(1));
        var hangs = new TaskCompletionSource();
        var killed = new TaskCompletionSource();
        _host.Instead = async (call, cancellation) =>
        {
            if (Subcommand(call) == "fast-import")
            {
                hangs.SetResult();
                cancellation.Register(killed.SetResult);
                return await Tool.RunAsync(new ToolCall("sleep", ["1000"]), Plenty, cancellation);
            }

            return null;
        };
        var history = _host.Start(drainTime: TimeSpan.FromMilliseconds(1));
        history.Keep(Generation(2, Config(Network("a"))));
        Assert.That(hangs.Task.Wait(Plenty));
        history.Dispose();
        Assert.That(killed.Task.IsCompletedSuccessfully);
        Assert.That(_host.Generations, Is.EqualTo(["1"]));

        _host.Instead = null;
        _host.Live(Generation(3, Config(Network("a"))));
        Assert.That(_host.Generations, Is.EqualTo(["3", "1"]));
        Assert.That(_host.Lines("diff", "--name-status", "main^", "main"), Is.EqualTo(["M\tgeneration.yaml", "A\tnetworks/a.yaml"]));
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Dispose_WhilePacking_EndsThatAtOnceAndWritesWhatWaits()
    {
        var packs = new TaskCompletionSource();
        _host.Instead = async (call, cancellation) =>
        {
            if (Subcommand(call) != "gc")
            {
                return null;
            }

            packs.SetResult();
            return await Tool.RunAsync(new ToolCall("sleep", ["1000"]), 10 * Plenty, cancellation);
        };
        var history = _host.Start(kept: 10);
        history.Keep(Generation(1));
        Assert.That(packs.Task.Wait(Plenty));
        history.Keep(Generation(2));
        history.Dispose();
        Assert.That(_host.Generations, Is.EqualTo(["2", "1"]));
        Assert.That(_host.Told, Is.Empty);
    }

    private TaskCompletionSource HoldAt(string subcommand)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Instead = async (call, _) =>
        {
            if (Subcommand(call) == subcommand)
            {
                await release.Task;
            }

            return null;
        };
        return release;
    }
}
