using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Tests.Commands;

/// <summary>The commands that show generations, keep one, and go back to one.</summary>
internal sealed class GenerationCommandsTests
{
    private static readonly HistoryEntry[] Entries =
    [
        new()
        {
            Generation = 12,
            AcceptedAt = Samples.Time,
            Caller = "agent",
            Method = "HostNetwork/Confirm",
            Summary = "network web removed",
            Note = "no confirmation for generation 11",
            Confirmation = Confirmation.NotAsked,
            RestoresGeneration = 10,
            Commit = "0123456789abcdef0123456789abcdef01234567",
        },
        new()
        {
            Generation = 11,
            AcceptedAt = Samples.Time,
            Caller = "uid=0",
            Method = "HostNetwork/Apply",
            Summary = "network web: VXLAN 101 on cloudbr1",
            Confirmation = Confirmation.Expired,
            Commit = "fedcba9876543210fedcba9876543210fedcba98",
        },
        new() { Generation = 10, AcceptedAt = Samples.Time, Caller = "CN=mgmt-1", Method = "HostNetwork/Apply", Confirmation = Confirmation.Given },
        new() { Generation = 9, AcceptedAt = Samples.Time, Caller = "CN=mgmt-1", Method = "HostNetwork/Apply", Confirmation = Confirmation.Awaited },
    ];

    [Test]
    public async Task History_Text_IsATable()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.History = _ => new ListHistoryResponse { Entries = { Entries } };
        var result = Cloudbrctl.Run("history", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(result.Output, Is.EqualTo(
            """
            GENERATION  WHEN                     WHO        METHOD   CONFIRMATION  RESTORES  COMMIT      SUMMARY
            12          2026-01-02 03:04:05 UTC  agent      Confirm                10        0123456789  network web removed (no confirmation for generation 11)
            11          2026-01-02 03:04:05 UTC  uid=0      Apply    EXPIRED                 fedcba9876  network web: VXLAN 101 on cloudbr1
            10          2026-01-02 03:04:05 UTC  CN=mgmt-1  Apply    given
            9           2026-01-02 03:04:05 UTC  CN=mgmt-1  Apply    awaited

            """));
        Assert.That(agent.Asked, Is.EqualTo(new[] { new ListHistoryRequest { PageSize = 20 } }));
    }

    [Test]
    public async Task History_OfMoreThanOnePage_AsksForTheRest()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.History = request => new ListHistoryResponse
        {
            Entries = { Enumerable.Range(0, (int)request.PageSize).Select(_ => Entries[0]) }, NextPageToken = $"after {request.PageToken}",
        };
        var result = Cloudbrctl.Run("history", "--count", "1001", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1002));
        Assert.That(agent.Asked, Is.EqualTo(new[]
        {
            new ListHistoryRequest { PageSize = 1000 }, new ListHistoryRequest { PageSize = 1, PageToken = "after " },
        }));
    }

    [Test]
    public async Task History_ShorterThanAskedFor_EndsWithIt()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.History = _ => new ListHistoryResponse { Entries = { Entries[0] } };
        Cloudbrctl.Run("history", "--count", "5", "--socket", agent.Socket).EnsureSuccess();
        Assert.That(agent.Asked, Is.EqualTo(new[] { new ListHistoryRequest { PageSize = 5 } }));
    }

    [Test]
    public async Task History_WithoutGit_SaysWhy()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.History = _ => new ListHistoryResponse { HistoryOffReason = "git is not installed" };
        Assert.That(
            Cloudbrctl.Run("history", "--socket", agent.Socket).EnsureSuccess().Output,
            Does.StartWith("warning: there is no history in git: git is not installed\nGENERATION"));
    }

    [Test]
    public async Task History_Json_IsTheAnswerInOneLine()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.History = _ => new ListHistoryResponse { Entries = { Entries } };
        var result = Cloudbrctl.Run("history", "--socket", agent.Socket, "-o", "json").EnsureSuccess();
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1));
        Assert.That(JsonParser.Default.Parse<ListHistoryResponse>(result.Output), Is.EqualTo(new ListHistoryResponse { Entries = { Entries } }));
    }

    [Test]
    public async Task Confirm_IsAskedWithAnIdOfItsOwn_AndSaysSo()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Confirm = request => new ConfirmResponse { Report = new ChangeReport { Outcome = ChangeOutcome.Applied, Generation = request.Generation } };
        Assert.That(Cloudbrctl.Run("confirm", "8", "--socket", agent.Socket).EnsureSuccess().Output, Is.EqualTo("confirmed: generation 8\n"));
        var json = Cloudbrctl.Run("confirm", "9", "--note", "seen", "--request-id", "r", "--socket", agent.Socket, "-o", "json").EnsureSuccess();
        Assert.That(JsonParser.Default.Parse<ConfirmResponse>(json.Output).Report.Generation, Is.EqualTo(9));
        var asked = agent.Asked.OfType<ConfirmRequest>().ToList();
        Assert.That(Guid.TryParse(asked[0].Change.RequestId, out _));
        Assert.That(asked[1], Is.EqualTo(new ConfirmRequest { Generation = 9, Change = new ChangeOptions { RequestId = "r", Note = "seen" } }));
    }

    [Test]
    public async Task Confirm_ThatIsNotAwaited_ExitsOneWithTheAgentsWords()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Confirm = _ => throw new RpcException(new Status(StatusCode.FailedPrecondition, "generation 8 does not await a confirmation"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("confirm", "8", "--socket", agent.Socket),
            1,
            "cloudbrctl: the agent answered FailedPrecondition: generation 8 does not await a confirmation\n");
    }

    [Test]
    public async Task Rollback_Options_ReachTheAgent_AndTheStepsAreTold()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Rollback = request => new RollbackResponse
        {
            Report = new ChangeReport { Outcome = request.Change.DryRun ? ChangeOutcome.Planned : ChangeOutcome.Applied, Generation = 9 },
        };
        Assert.That(Cloudbrctl.Run("rollback", "7", "--socket", agent.Socket).EnsureSuccess().Output, Is.EqualTo("applied: generation 9, 0 steps\n"));
        string[] options = ["--dry-run", "--allow-disruption", "--confirm-within", "5m", "--note", "it was better", "--request-id", "r"];
        Assert.That(
            Cloudbrctl.Run(["rollback", "7", .. options, "--socket", agent.Socket]).EnsureSuccess().Output,
            Is.EqualTo("planned against generation 9: 0 steps\n"));
        var asked = agent.Asked.OfType<RollbackRequest>().ToList();
        Assert.That(asked[0], Is.EqualTo(new RollbackRequest { ToGeneration = 7, Change = new ChangeOptions { RequestId = asked[0].Change.RequestId } }));
        Assert.That(asked[1], Is.EqualTo(new RollbackRequest
        {
            ToGeneration = 7,
            Change = new ChangeOptions
            {
                RequestId = "r", DryRun = true, AllowDisruption = true, Note = "it was better", ConfirmWithin = new Duration { Seconds = 300 },
            },
        }));
    }

    [Test]
    public async Task Rollback_ToBeConfirmed_SaysHow()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Rollback = _ => new RollbackResponse
        {
            Report = new ChangeReport { Outcome = ChangeOutcome.AwaitingConfirm, PreviousGeneration = 8, Generation = 9, ConfirmBefore = Samples.Time },
        };
        Assert.That(
            Cloudbrctl.Run("rollback", "7", "--confirm-within", "60s", "--socket", agent.Socket).EnsureSuccess().Output,
            Does.EndWith($"cloudbrctl confirm 9 --socket {agent.Socket}\n"));
    }

    [Test]
    public async Task Rollback_ToWhatIsNotKept_ExitsOneWithTheAgentsWords()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.Rollback = _ => throw new RpcException(new Status(StatusCode.NotFound, "generation 7 is not kept here"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("rollback", "7", "--socket", agent.Socket), 1, "cloudbrctl: the agent answered NotFound: generation 7 is not kept here\n");
    }
}
