using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.V1;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>What the agent's own loop does on a host in memory, as those who watch over the socket are told.</summary>
internal sealed class WatchedLoopTests
{
    private const string Bridge = "breth0-100";

    [Test]
    public async Task AChange_AHealedDrift_AndAFight_AreToldAsTheyHappened()
    {
        var kernel = new MemoryKernel();
        await using var agent = await InProcessAgent.StartOnMemoryAsync(kernel);
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(new WatchRequest
        {
            Subscriptions = { new Subscription { Topic = Topic.Change }, new Subscription { Topic = Topic.Drift }, new Subscription { Topic = Topic.Finding } },
        });
        Assert.That((await NextAsync(call)).PayloadCase, Is.EqualTo(Event.PayloadOneofCase.Opened));

        var request = ConfirmTests.Apply("applied", Samples.Vlan());
        request.Config.Drift = new DriftPolicy { MaxHealsPerMinute = 2 };
        var applied = (await agent.HostNetwork.ApplyAsync(request)).Report;
        var change = (await NextAsync(call)).Change;
        Assert.That((change.RequestId, change.Outcome, change.Generation), Is.EqualTo(("applied", ChangeOutcome.Applied, 1ul)));
        Assert.That(change.Changes, Is.EqualTo(applied.Changes).And.Not.Empty);

        kernel.Meddle(Mtu(1450, 1400));
        var drift = (await NextAsync(call)).Drift;
        Assert.That(drift.Object, Is.EqualTo(new V1.ObjectRef { Kind = ObjectKind.Link, Id = "net-1", Name = Bridge }));
        Assert.That(drift.Attributes, Is.EqualTo(new[] { new V1.AttributeChange { Name = "mtu", Before = "1450", After = "1400" } }));
        Assert.That((drift.Kind, drift.Handling, drift.Source), Is.EqualTo((DriftKind.Changed, DriftHandling.Healed, DriftSource.KernelEvent)));
        Assert.That(drift.HealDuration, Is.Not.Null);
        Assert.That(kernel.Host.State.Find(Bridge)!.Mtu, Is.EqualTo(1450));

        kernel.Meddle(Mtu(1450, 1300));
        V1.Event[] fight = [await NextAsync(call), await NextAsync(call)];
        Assert.That(fight.Single(e => e.Drift is not null).Drift.Attributes[0].After, Is.EqualTo("1300"));
        var finding = fight.Single(e => e.Finding is not null).Finding;
        Assert.That((finding.Code, finding.State, finding.Object), Is.EqualTo(("OTHER_MANAGER", FindingState.Open, drift.Object)));
    }

    [Test]
    public async Task KernelThatCannotBeRead_TurnsHealthAndTheState_AndBack()
    {
        var kernel = new MemoryKernel();
        await using var agent = await InProcessAgent.StartOnMemoryAsync(kernel);
        using var call = new Health.HealthClient(agent.Calls).Watch(new HealthCheckRequest { Service = HostNetwork.Descriptor.FullName });
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.Serving));

        kernel.Unreadable = new Core.Model.Failure
        {
            Operation = "dump", Subject = new Core.Model.ObjectRef(Core.Model.ObjectKind.Host), Reason = "UNREADABLE", Message = "told to fail",
        };
        kernel.Wake();
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.NotServing));
        var status = await StatusAsync(agent);
        Assert.That((status.State, status.Degradations.Single().Reason), Is.EqualTo((AgentState.Degraded, DegradedReason.KernelUnreadable)));

        kernel.Unreadable = null;
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.Serving));
        Assert.That((await StatusAsync(agent)).State, Is.EqualTo(AgentState.Serving));
    }

    private static ChangeLink Mtu(int from, int to) => new(
        Core.Model.ObjectRef.Link(Bridge), Core.Planning.Steps.StepAction.Update, Bridge, LinkKind.Bridge, new LinkChange { Mtu = to }, new LinkChange { Mtu = from });

    private static async Task<AgentStatus> StatusAsync(InProcessAgent agent) =>
        (await agent.HostNetwork.GetStateAsync(new GetStateRequest { StatusOnly = true })).State.Status;

    private static async Task<V1.Event> NextAsync(AsyncServerStreamingCall<WatchResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Event;
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Status;
    }
}
