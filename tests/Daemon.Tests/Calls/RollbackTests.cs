using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Earlier generations, shown and made the desired state again, by the agent's own loop on a host in memory.</summary>
internal sealed class RollbackTests
{
    private readonly MemoryKernel _kernel = new();

    [Test]
    public async Task GetConfig_OfAnEarlierGeneration_IsWhatWasAskedThen()
    {
        await using var agent = await TwoGenerationsAsync();
        var entries = (await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest())).Entries;
        var config = await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = 1 });
        Assert.That(config.Generation, Is.EqualTo(1));
        Assert.That(config.Config, Is.EqualTo(ConfirmTests.Apply("1").Config));
        Assert.That(config.AcceptedAt, Is.EqualTo(entries.Single(e => e.Generation == 1).AcceptedAt));
        Assert.That((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest())).Config.Networks.Single().Id, Is.EqualTo("other"));

        var part = await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = 1, Sections = { V1.ConfigSection.Networks } });
        Assert.That(part.Config, Is.EqualTo(new V1.HostConfig { Networks = { ConfirmTests.OnUplink(Samples.Vlan()) } }));
    }

    [Test]
    public async Task Rollback_ToAnEarlierGeneration_IsANewOneWithItsConfig()
    {
        await using var agent = await TwoGenerationsAsync();
        Assert.That(Devices(), Is.EqualTo(new[] { "eth0.7" }));
        var report = (await agent.HostNetwork.RollbackAsync(Rollback(1))).Report;
        Assert.That((report.Outcome, report.PreviousGeneration, report.Generation), Is.EqualTo((V1.ChangeOutcome.Applied, 2ul, 3ul)));
        Assert.That(Devices(), Is.EqualTo(new[] { "eth0.100" }));
        Assert.That(
            (await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest())).Config,
            Is.EqualTo((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = 1 })).Config));

        var entry = (await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest())).Entries[0];
        Assert.That(
            (entry.Generation, entry.RestoresGeneration, entry.Method, entry.Note, entry.Caller),
            Is.EqualTo((3ul, 1ul, "HostNetwork/Rollback", "it was better", CallerTests.Own)));
    }

    [Test]
    public async Task Rollback_ToAGenerationThatIsNotKept_IsNotFound_AlsoAsAPlan()
    {
        await using var agent = await TwoGenerationsAsync();
        foreach (var call in new Func<Task>[]
        {
            async () => await agent.HostNetwork.RollbackAsync(Rollback(9)),
            async () => await agent.HostNetwork.PlanAsync(new V1.PlanRequest { Rollback = new V1.RollbackRequest { ToGeneration = 9 } }),
            async () => await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest { Generation = 9 }),
        })
        {
            var refused = await Refused.ByAsync(call);
            Assert.That((refused.Code, refused.Info.Reason, refused.Info.Metadata["generation"]), Is.EqualTo((StatusCode.NotFound, "NO_SUCH_GENERATION", "2")));
            Assert.That(refused.Words, Is.EqualTo("generation 9 is not kept here; 2 is in force, and ListHistory tells which others there are"));
        }

        Assert.That(Devices(), Is.EqualTo(new[] { "eth0.7" }));
    }

    [Test]
    public async Task Rollback_OnlyPlanned_SaysTheSteps_AndDoesNothing()
    {
        await using var agent = await TwoGenerationsAsync();
        var plan = (await agent.HostNetwork.PlanAsync(new V1.PlanRequest { Rollback = new V1.RollbackRequest { ToGeneration = 1 } })).Report;
        Assert.That((plan.Outcome, plan.Generation), Is.EqualTo((V1.ChangeOutcome.Planned, 2ul)));
        Assert.That(plan.Changes.Select(c => c.Object.Name), Has.Member("eth0.7").And.Member("eth0.100"));
        Assert.That(Devices(), Is.EqualTo(new[] { "eth0.7" }));

        var done = (await agent.HostNetwork.RollbackAsync(Rollback(1))).Report;
        Assert.That(done.Changes.Select(c => (c.Action, c.Object)), Is.EqualTo(plan.Changes.Select(c => (c.Action, c.Object))), "planned and done");
    }

    private static V1.RollbackRequest Rollback(ulong generation) =>
        new() { Change = new V1.ChangeOptions { RequestId = $"back-to-{generation}", Note = "it was better" }, ToGeneration = generation };

    private async Task<InProcessAgent> TwoGenerationsAsync()
    {
        var agent = await InProcessAgent.StartOnMemoryAsync(_kernel);
        await agent.HostNetwork.ApplyAsync(ConfirmTests.Apply("1"));
        await agent.HostNetwork.ApplyAsync(ConfirmTests.Apply("2", Samples.Vlan("other", 7)));
        return agent;
    }

    /// <summary>The VLANs that the kernel has.</summary>
    private IEnumerable<string> Devices() => _kernel.Host.State.Links.Where(l => l.Kind == Core.Model.Links.LinkKind.Vlan).Select(l => l.Name);
}
