using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>The history as callers are told it: pages, the newest first, and the commits in git.</summary>
internal sealed class HistoryTests
{
    private const int Many = 250;

    private static readonly IReadOnlyList<ulong> All = [.. Enumerable.Range(1, Many).Select(i => (ulong)i).Reverse()];

    [Test]
    public async Task List_OfManyGenerations_ComesInPages()
    {
        await using var agent = await WithManyAsync();
        var pages = new List<V1.ListHistoryResponse>();
        var token = "";
        do
        {
            pages.Add(await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest { PageToken = token }));
            token = pages[^1].NextPageToken;
        }
        while (token.Length > 0);

        Assert.That(pages.Select(p => p.Entries.Count), Is.EqualTo(new[] { 100, 100, 50 }));
        Assert.That(pages.SelectMany(p => p.Entries).Select(e => e.Generation), Is.EqualTo(All));
    }

    [TestCase(125u, 2)]
    [TestCase(249u, 2)]
    [TestCase(250u, 1)]
    [TestCase(1000u, 1)]
    public async Task List_PageSize_IsKept_AndNoPageIsEmpty(uint size, int wanted)
    {
        await using var agent = await WithManyAsync();
        var (seen, token, pages) = (new List<ulong>(), "", 0);
        do
        {
            var page = await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest { PageSize = size, PageToken = token });
            Assert.That(page.Entries, Has.Count.InRange(1, size));
            seen.AddRange(page.Entries.Select(e => e.Generation));
            (token, pages) = (page.NextPageToken, pages + 1);
        }
        while (token.Length > 0);

        Assert.That(seen, Is.EqualTo(All));
        Assert.That(pages, Is.EqualTo(wanted));
    }

    [Test]
    public async Task List_GenerationsThatComeBetweenPages_ShiftNothing()
    {
        await using var agent = await WithManyAsync();
        var first = await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest());
        agent.History.Keep(FakeDataplane.Generation(Many + 1, HostConfig.Empty));
        var second = await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest { PageToken = first.NextPageToken });
        Assert.That(second.Entries[0].Generation, Is.EqualTo(first.Entries[^1].Generation - 1));
    }

    [Test]
    public async Task List_BeforeAnythingWasAsked_IsEmpty()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var history = await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest());
        Assert.That((history.Entries.Count, history.NextPageToken), Is.EqualTo((0, "")));
    }

    [TestCase(1001u, "", "page_size")]
    [TestCase(uint.MaxValue, "", "page_size")]
    [TestCase(0u, "x", "page_token")]
    [TestCase(0u, "-1", "page_token")]
    [TestCase(0u, " 1", "page_token")]
    [TestCase(0u, "18446744073709551616", "page_token")]
    [TestCase(1001u, "x", "page_size", "page_token")]
    public async Task List_WhatCannotBe_IsRefusedByName(uint size, string token, params string[] fields)
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await Refused.ByAsync(
            async () => await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest { PageSize = size, PageToken = token }));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Violations.Select(v => v.Field), Is.EqualTo(fields));
    }

    [Test]
    public async Task Commit_OfEachGeneration_IsOneThatGitKnows()
    {
        using var state = new TempDirectory();
        await using var agent = await InProcessAgent.StartAsync(o => o with { StateDirectory = state.Path });
        agent.History.Keep(FakeDataplane.Generation(1, HostConfig.Empty));
        agent.History.Keep(FakeDataplane.Generation(2, HostConfig.Empty));
        var history = await agent.WaitForHistoryAsync(h => h.Entries.All(e => e.Commit.Length > 0));
        Assert.That(history.HistoryOffReason, Is.Empty);
        Assert.That(
            history.Entries.Select(e => e.Commit),
            Is.EqualTo(Command.Run("git", $"--git-dir={state["history"]}/.git", "log", "--format=%H").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public async Task GitThatCannotWrite_IsSaid_AndGenerationsAreListedAllTheSame()
    {
        using var state = new TempDirectory();
        state.Write("history", "in the way");
        await using var agent = await InProcessAgent.StartAsync(o => o with { StateDirectory = state.Path });
        agent.History.Keep(FakeDataplane.Generation(1, HostConfig.Empty));
        var history = await agent.WaitForHistoryAsync(h => h.HistoryOffReason.Length > 0);
        Assert.That(history.HistoryOffReason, Does.Contain(state["history"]));
        Assert.That(history.Entries.Select(e => (e.Generation, e.Commit)), Is.EqualTo(new[] { (1ul, "") }));
    }

    private static async Task<InProcessAgent> WithManyAsync()
    {
        var agent = await InProcessAgent.StartAsync();
        for (var i = 1ul; i <= Many; i++)
        {
            agent.History.Keep(FakeDataplane.Generation(i, HostConfig.Empty));
        }

        return agent;
    }
}
