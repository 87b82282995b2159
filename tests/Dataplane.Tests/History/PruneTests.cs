using Cloudbr.Agent.Core.Model.Generations;
using static Cloudbr.Agent.Dataplane.Tests.History.HistoryHost;

namespace Cloudbr.Agent.Dataplane.Tests.History;

/// <summary>Only so many commits are kept.</summary>
internal sealed class PruneTests
{
    private readonly HistoryHost _host = new();

    [TearDown]
    public void EndHost() => _host.Dispose();

    [Test]
    public void Keep_MoreThanAreKept_LeavesTheNewestWithTheirHashesInASoundRepository()
    {
        using var history = _host.Start(kept: 20);
        Write(history, Many(1, 20));
        var hashes = _host.Lines("log", "--format=%H");
        Assert.That(hashes, Has.Length.EqualTo(20));
        var forgotten = hashes[^1];

        Write(history, Many(21, 10));
        Assert.That(_host.Generations, Is.EqualTo(Enumerable.Range(11, 20).Reverse().Select(i => $"{i}")));
        Assert.That(_host.Lines("log", "--format=%H")[10..], Is.EqualTo(hashes[..10]), "what is kept is what it was");
        Assert.That(_host.Git("fsck", "--full"), Is.Empty);
        Assert.That(() => _host.Git("cat-file", "-e", forgotten), Throws.Exception, "and the rest takes no room");
        Assert.That(history.CommitOf(10), Is.Empty);
        Assert.That(history.CommitOf(11), Is.EqualTo(hashes[9]));

        Write(history, Many(31, 30));
        Assert.That(_host.Generations, Is.EqualTo(Enumerable.Range(41, 20).Reverse().Select(i => $"{i}")), "again and again");
        Assert.That(_host.Git("fsck", "--full"), Is.Empty);
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_OneMoreEachTime_PacksNowAndThenAndNeverHoldsATenthMore()
    {
        using var history = _host.Start(kept: 40);
        for (var i = 1UL; i <= 60; i++)
        {
            Write(history, Generation(i, Config(Network($"n{i}"))));
            Assert.That(_host.Generations, Has.Length.LessThan(44));
        }

        Assert.That(_host.Calls.Count(c => Subcommand(c) == "gc"), Is.EqualTo(15), "every fourth commit, a tenth of what is kept");
    }

    [Test]
    public void Keep_BranchOfAnOperatorsOwn_KeepsItsCommitAndTheRepositoryIsSound()
    {
        using var history = _host.Start(kept: 4);
        for (var i = 1; i <= 20; i++)
        {
            Write(history, Many(i, 1));
            if (i is 5 or 8)
            {
                _host.Git("branch", $"mine-{i}");
            }
        }

        Assert.That(_host.Generations, Is.EqualTo(["20", "19", "18", "17"]));
        Assert.That(_host.Lines("log", "--format=%s", "mine-5"), Is.EqualTo(["change 5"]), "what is before it went when main's went");
        Assert.That(_host.Lines("log", "--format=%s", "mine-8"), Is.EqualTo(["change 8"]));
        Assert.That(_host.Git("show", "mine-8:networks/n8.yaml"), Is.EqualTo("network n8 100"));
        Assert.That(_host.Git("fsck", "--full"), Is.Empty);
        Assert.That(_host.Told, Is.Empty);
    }

    [Test]
    public void Keep_Pruned_IsDoneAtLowPriority()
    {
        using var history = _host.Start(kept: 1);
        Write(history, Many(1, 3));
        Assert.That(_host.Calls.Where(c => c.IsUnhurried).Select(Subcommand).Distinct(), Is.EqualTo(["gc"]));
        Assert.That(_host.Generations, Is.EqualTo(["3"]));
    }

    private static Generation[] Many(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Generation((ulong)i, Config(Network($"n{i}"), Network("all"))))];
}
