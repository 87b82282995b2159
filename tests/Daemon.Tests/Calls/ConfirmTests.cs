using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Changes that have to be confirmed, over the socket and by the agent's own loop on a host in memory.</summary>
internal sealed class ConfirmTests
{
    [Test]
    public async Task Apply_ThatIsToBeConfirmed_SaysUntilWhen_AndSoDoesTheStatus()
    {
        await using var agent = await InProcessAgent.StartOnMemoryAsync(new MemoryKernel());
        var report = await ApplyUnconfirmedAsync(agent);
        Assert.That((report.Outcome, report.PreviousGeneration, report.Generation), Is.EqualTo((V1.ChangeOutcome.AwaitingConfirm, 0ul, 1ul)));
        Assert.That(report.ConfirmBefore, Is.GreaterThan(report.AcceptedAt.ToDateTime().AddHours(1).ToTimestamp()), "counted from the applied change");

        var pending = (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { StatusOnly = true })).State.Status.PendingConfirm;
        Assert.That((pending.Generation, pending.FallbackGeneration, pending.ConfirmBefore), Is.EqualTo((1ul, 0ul, report.ConfirmBefore)));
        Assert.That((await EntryAsync(agent, 1)).Confirmation, Is.EqualTo(V1.Confirmation.Awaited));
    }

    [Test]
    public async Task Confirm_OfWhatIsAwaited_KeepsIt()
    {
        await using var agent = await InProcessAgent.StartOnMemoryAsync(new MemoryKernel());
        await ApplyUnconfirmedAsync(agent);
        var report = (await ConfirmAsync(agent, 1, "confirm")).Report;
        Assert.That((report.Outcome, report.RequestId, report.Generation, report.Changes.Count), Is.EqualTo((V1.ChangeOutcome.Applied, "confirm", 1ul, 0)));
        Assert.That(report.ConfirmBefore, Is.Null);
        Assert.That((await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest { StatusOnly = true })).State.Status.PendingConfirm, Is.Null);
        Assert.That((await EntryAsync(agent, 1)).Confirmation, Is.EqualTo(V1.Confirmation.Given));
        Assert.That(await ConfirmAsync(agent, 1, "confirm"), Is.EqualTo(new V1.ConfirmResponse { Report = report }), "the same request again");
    }

    [Test]
    public async Task Confirm_OfWhatIsNotAwaited_IsFailedPrecondition_AlsoAsAPlan()
    {
        await using var agent = await InProcessAgent.StartOnMemoryAsync(new MemoryKernel());
        await agent.HostNetwork.ApplyAsync(Apply("applied"));
        await AssertNotAwaitedAsync(() => ConfirmAsync(agent, 1, "1"));
        await ApplyUnconfirmedAsync(agent, Samples.Vlan("other", 7));
        await AssertNotAwaitedAsync(() => ConfirmAsync(agent, 1, "2"));
        await AssertNotAwaitedAsync(() => PlanConfirmAsync(agent, 1));
        Assert.That((await PlanConfirmAsync(agent, 2)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Planned));
        await ConfirmAsync(agent, 2, "3");
        await AssertNotAwaitedAsync(() => ConfirmAsync(agent, 2, "4"));
        await AssertNotAwaitedAsync(() => PlanConfirmAsync(agent, 2));
    }

    [Test]
    public async Task AnotherChange_WhileItIsAwaited_IsRefusedWithAHintToWait_AndItsIdGetsThroughAfterwards()
    {
        await using var agent = await InProcessAgent.StartOnMemoryAsync(new MemoryKernel());
        await ApplyUnconfirmedAsync(agent);
        var other = Samples.Implement(OnUplink(Samples.Vlan("other", 7)), "other");
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ImplementAsync(other));
        Assert.That((refused.Code, refused.Info.Reason, refused.Failure.Retryable), Is.EqualTo((StatusCode.FailedPrecondition, "CONFIRM_AWAITED", true)));
        Assert.That(refused.Detail<Google.Rpc.RetryInfo>().RetryDelay, Is.EqualTo(new Duration { Seconds = 5 }));
        Assert.That(refused.Failure.Remedy, Is.EqualTo("Confirm generation 1, or Rollback to 0, and ask again"));

        await ConfirmAsync(agent, 1, "confirm");
        Assert.That((await agent.HostNetwork.ImplementAsync(other)).Report.Generation, Is.EqualTo(2));
    }

    [Test]
    public async Task Restart_WhileItIsAwaited_GoesOnWaiting()
    {
        using var state = new Testing.TempDirectory();
        var kernel = new MemoryKernel();
        Timestamp before;
        await using (var agent = await InProcessAgent.StartOnMemoryAsync(kernel, o => o with { StateDirectory = state.Path }))
        {
            before = (await ApplyUnconfirmedAsync(agent)).ConfirmBefore;
        }

        await using var restarted = await InProcessAgent.StartOnMemoryAsync(new MemoryKernel(kernel.Host), o => o with { StateDirectory = state.Path });
        var pending = (await restarted.HostNetwork.GetStateAsync(new V1.GetStateRequest { StatusOnly = true })).State.Status.PendingConfirm;
        Assert.That(pending.Generation, Is.EqualTo(1));
        Assert.That(pending.ConfirmBefore, Is.LessThanOrEqualTo(before).And.GreaterThan(before.ToDateTime().AddMinutes(-1).ToTimestamp()));
        Assert.That((await ConfirmAsync(restarted, 1, "confirm")).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied));
    }

    internal static V1.Network OnUplink(V1.Network network)
    {
        network.PhysicalNetwork = "cloudbr0";
        return network;
    }

    /// <summary>A bridge over the uplink, and this network on it.</summary>
    internal static V1.ApplyRequest Apply(string id, V1.Network? network = null) => new()
    {
        Change = Samples.Change(id),
        Config = new V1.HostConfig
        {
            PhysicalNetworks =
            {
                new V1.PhysicalNetwork
                {
                    Label = "cloudbr0", Mode = V1.PhysicalNetworkMode.Manage, Uplink = "eth0", TrafficTypes = { V1.TrafficType.Guest },
                },
            },
            Networks = { OnUplink(network ?? Samples.Vlan()) },
        },
    };

    private static async Task<V1.ChangeReport> ApplyUnconfirmedAsync(InProcessAgent agent, V1.Network? network = null)
    {
        var request = Apply("unconfirmed", network);
        request.Change.ConfirmWithin = new Duration { Seconds = 3600 };
        return (await agent.HostNetwork.ApplyAsync(request)).Report;
    }

    private static async Task<V1.ConfirmResponse> ConfirmAsync(InProcessAgent agent, ulong generation, string id) =>
        await agent.HostNetwork.ConfirmAsync(new V1.ConfirmRequest { Change = Samples.Change(id), Generation = generation });

    private static async Task<V1.PlanResponse> PlanConfirmAsync(InProcessAgent agent, ulong generation) =>
        await agent.HostNetwork.PlanAsync(new V1.PlanRequest { Confirm = new V1.ConfirmRequest { Generation = generation } });

    private static async Task<V1.HistoryEntry> EntryAsync(InProcessAgent agent, ulong generation) =>
        (await agent.HostNetwork.ListHistoryAsync(new V1.ListHistoryRequest())).Entries.Single(e => e.Generation == generation);

    private static async Task AssertNotAwaitedAsync(Func<Task> call)
    {
        var refused = await Refused.ByAsync(call);
        Assert.That((refused.Code, refused.Info.Reason), Is.EqualTo((StatusCode.FailedPrecondition, "NOT_AWAITED")));
        Assert.That(refused.Has<Google.Rpc.RetryInfo>(), Is.False);
    }
}
