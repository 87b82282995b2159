using System.Globalization;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Dataplane;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Many callers at once, over the socket and by the agent's own loop on a host in memory.</summary>
internal sealed class StormTests
{
    private const int Many = 500;
    private const int Bad = 7;

    [Test]
    public async Task FiveHundredNetworks_AtOnce_AreOneTransaction_EachAnsweredForItself_AndABadOneFailsAlone()
    {
        var kernel = new MemoryKernel();
        kernel.Host.PutForeign(new Link { Index = 3, Name = $"eth0.{Bad}", Kind = LinkKind.Bridge, Mtu = 1500 });
        var (agent, room) = await StartAsync(kernel);
        await using var _ = agent;
        var before = kernel.Transactions;
        List<Task<V1.ImplementResponse>> calls;
        using (await room.HoldAsync())
        {
            calls = [.. Enumerable.Range(1, Many).Select(vid => agent.HostNetwork.ImplementAsync(Implement(vid)).ResponseAsync)];
            await room.WaitForAsync(Many);
        }

        var refused = await Refused.ByAsync(() => calls[Bad - 1]);
        Assert.That((refused.Code, refused.Info.Reason, refused.Report.RequestId), Is.EqualTo((StatusCode.FailedPrecondition, "DEVICE_EXISTS", IdOf(Bad))));
        calls.RemoveAt(Bad - 1);
        var answers = await Task.WhenAll(calls);
        int[] good = [.. Enumerable.Range(1, Many).Where(vid => vid != Bad)];
        Assert.That(kernel.Transactions - before, Is.EqualTo(1));
        Assert.That(answers.Select(a => a.Report.RequestsInTransaction), Has.All.EqualTo(good.Length));
        Assert.That(answers.Select(a => a.Report.Outcome), Has.All.EqualTo(V1.ChangeOutcome.Applied));
        Assert.That(answers.Select(a => (a.Report.RequestId, a.Realisation.NetworkId, a.Realisation.Device)), Is.EqualTo(good.Select(v => (IdOf(v), IdOf(v), $"eth0.{v}"))));
        Assert.That(answers.Select(a => a.Report.Changes.Select(c => c.Object.Id).Distinct().Single()), Is.EqualTo(good.Select(IdOf)));
        Assert.That(answers.Select(a => a.Report.Generation), Is.EquivalentTo(Enumerable.Range(2, good.Length)));
        Assert.That(good.Select(v => kernel.Host.State.Find($"eth0.{v}")?.Kind), Has.All.EqualTo(LinkKind.Vlan));
    }

    [Test]
    public async Task MoreThanTheQueueHolds_IsRefusedWithTheTimeToWait_AndGetsThroughAfterwards()
    {
        var (agent, room) = await StartAsync(new MemoryKernel());
        await using var _ = agent;
        List<Task<ChangeResult>> waiting;
        using (await room.HoldAsync())
        {
            waiting = [.. Enumerable.Range(0, ReconcileLoop.MostWaiting)
                .Select(i => room.ChangeAsync(new ChangeOptions(IdOf(i)), new RemoveNetwork("none"), CancellationToken.None))];
            var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ImplementAsync(Implement(1)));
            Assert.That((refused.Code, refused.Info.Reason), Is.EqualTo((StatusCode.ResourceExhausted, "QUEUE_FULL")));
            Assert.That(refused.Detail<Google.Rpc.RetryInfo>().RetryDelay, Is.EqualTo(new Duration { Seconds = 1 }));
        }

        Assert.That((await Task.WhenAll(waiting)).Select(w => w.Report.Outcome), Has.All.EqualTo(ChangeOutcome.Unchanged));
        Assert.That((await agent.HostNetwork.ImplementAsync(Implement(1))).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied), "the same request again");
    }

    private static async Task<(InProcessAgent Agent, WaitingRoom Room)> StartAsync(MemoryKernel kernel)
    {
        var (agent, room) = await InProcessAgent.StartWithWaitingRoomAsync(kernel);
        var physical = new V1.PhysicalNetwork { Label = "eth0", TrafficTypes = { V1.TrafficType.Guest }, Mode = V1.PhysicalNetworkMode.CheckOnly };
        await agent.HostNetwork.ApplyAsync(Samples.Apply(new V1.HostConfig { PhysicalNetworks = { physical } }, "underlay"));
        await room.WaitForAsync(1);
        return (agent, room);
    }

    private static V1.ImplementRequest Implement(int vid) => Samples.Implement(
        new V1.Network { Id = IdOf(vid), PhysicalNetwork = "eth0", Vlan = new V1.VlanIsolation { Vid = (uint)vid } }, IdOf(vid));

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"storm-{number}");
}
