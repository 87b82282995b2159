using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

internal sealed class HealthTests
{
    private static IEnumerable<string> Known => Contract.Services.Select(s => s.FullName).Prepend("");

    [TestCaseSource(nameof(Known))]
    public async Task Check_TheAgentAndEachOfItsServices_IsServing(string service)
    {
        await using var agent = await InProcessAgent.StartAsync();
        Assert.That((await Client(agent).CheckAsync(new HealthCheckRequest { Service = service })).Status, Is.EqualTo(ServingStatus.Serving));
    }

    [Test]
    public async Task Check_NoSuchService_IsNotFound()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await Refused.ByAsync(async () => await Client(agent).CheckAsync(new HealthCheckRequest { Service = "nobody" }));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.NotFound));
        Assert.That(refused.Words, Does.Contain("'nobody'"));
    }

    [Test]
    public async Task Check_NameOfAMegabyte_IsNotFoundAndNotEchoedWhole()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await Refused.ByAsync(async () => await Client(agent).CheckAsync(new HealthCheckRequest { Service = new string('ü', 500_000) }));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.NotFound));
        Assert.That(refused.TrailerBytes, Is.LessThan(8 * 1024));
    }

    [Test]
    public async Task List_NamesTheAgentAndItsServices()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var all = await Client(agent).ListAsync(new HealthListRequest());
        Assert.That(all.Statuses.Keys, Is.EquivalentTo(Known));
        Assert.That(all.Statuses.Values.Select(s => s.Status), Is.All.EqualTo(ServingStatus.Serving));
    }

    [TestCaseSource(nameof(Known))]
    public async Task Watch_AgentStops_SaysNotServingAndEnds(string service)
    {
        await using var agent = await InProcessAgent.StartAsync();
        using var call = Client(agent).Watch(new HealthCheckRequest { Service = service });
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Status, Is.EqualTo(ServingStatus.Serving));

        agent.BeginStop();
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Status, Is.EqualTo(ServingStatus.NotServing));
        Assert.That((await Refused.ByAsync(() => call.ResponseStream.MoveNext())).Code, Is.EqualTo(StatusCode.Unavailable));
    }

    [TestCase(DegradedReason.KernelUnreadable)]
    [TestCase(DegradedReason.StateNotWritable)]
    [TestCase(DegradedReason.JournalUnreadable)]
    public async Task Check_ChangesCannotBeMade_IsToldOfHostNetworkOnly(DegradedReason reason)
    {
        await using var agent = await InProcessAgent.StartAsync();
        Degrade(agent, reason);
        await AssertServingAsync(agent, hostNetwork: false);
        Recover(agent);
        await AssertServingAsync(agent, hostNetwork: true);
    }

    [Test]
    public async Task Check_WhatDoesNotKeepChangesFromBeingMade_IsNoReason()
    {
        await using var agent = await InProcessAgent.StartAsync();
        DegradedReason[] reasons = [DegradedReason.KernelUnreadable, DegradedReason.StateNotWritable, DegradedReason.JournalUnreadable];
        foreach (var reason in Enum.GetValues<DegradedReason>().Except(reasons))
        {
            Degrade(agent, reason);
            await AssertServingAsync(agent, hostNetwork: true);
        }
    }

    [Test]
    public void StatusWatch_DegradedFromTheStart_IsKnown()
    {
        var dataplane = new FakeDataplane();
        dataplane.View = dataplane.View with { Degradations = [Because(DegradedReason.JournalUnreadable)] };
        using var watch = new StatusWatch(dataplane);
        Assert.That(watch.Now.CanChange, Is.False);
    }

    [Test]
    public async Task Watch_HostNetwork_TellsEachTurnOnce_AndThatTheAgentStops()
    {
        await using var agent = await InProcessAgent.StartAsync();

        // The deadline only ends a test that would wait for ever.
        using var call = Client(agent).Watch(
            new HealthCheckRequest { Service = V1.HostNetwork.Descriptor.FullName }, deadline: DateTime.UtcNow.AddMinutes(1));
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.Serving));
        for (var i = 0; i < 5; i++)
        {
            Degrade(agent, DegradedReason.KernelUnreadable);
            Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.NotServing));

            // It goes on for another reason, too: that is no turn.
            Degrade(agent, DegradedReason.StateNotWritable);
            Recover(agent);
            Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.Serving));
        }

        agent.BeginStop();
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.NotServing));
        Assert.That((await Refused.ByAsync(() => call.ResponseStream.MoveNext())).Code, Is.EqualTo(StatusCode.Unavailable));
    }

    [Test]
    public async Task Watch_AlreadyNotServing_EndsWithoutSayingItAgain()
    {
        await using var agent = await InProcessAgent.StartAsync();
        Degrade(agent, DegradedReason.KernelUnreadable);
        using var call = Client(agent).Watch(new HealthCheckRequest { Service = V1.HostNetwork.Descriptor.FullName });
        Assert.That(await NextAsync(call), Is.EqualTo(ServingStatus.NotServing));
        agent.BeginStop();
        Assert.That((await Refused.ByAsync(() => call.ResponseStream.MoveNext())).Code, Is.EqualTo(StatusCode.Unavailable));
    }

    [Test]
    public async Task StatusWatch_TurnedWhileManyPublish_EndsAtTheLatestView()
    {
        var dataplane = new FakeDataplane();
        using var watch = new StatusWatch(dataplane);
        var well = dataplane.View;
        var ill = well with { Degradations = [Because(DegradedReason.KernelUnreadable)] };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                dataplane.View = i % 2 == 0 ? ill : well;
            }
        })));
        dataplane.View = ill;
        var (canChange, turned) = watch.Now;
        Assert.That((canChange, turned.IsCompleted), Is.EqualTo((false, false)));
        dataplane.View = well;
        await turned.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(watch.Now.CanChange, Is.True);
    }

    [Test]
    public void StatusWatch_Disposed_ListensNoLonger()
    {
        var dataplane = new FakeDataplane();
        var watch = new StatusWatch(dataplane);
        watch.Dispose();
        dataplane.View = dataplane.View with { Degradations = [Because(DegradedReason.KernelUnreadable)] };
        Assert.That(watch.Now.CanChange, Is.True);
    }

    [Test]
    public async Task Watch_NoSuchService_IsToldAndGoesOn()
    {
        await using var agent = await InProcessAgent.StartAsync();
        using var call = Client(agent).Watch(new HealthCheckRequest { Service = "nobody" });
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Status, Is.EqualTo(ServingStatus.ServiceUnknown));

        agent.BeginStop();
        Assert.That((await Refused.ByAsync(() => call.ResponseStream.MoveNext())).Code, Is.EqualTo(StatusCode.Unavailable));
    }

    private static async Task AssertServingAsync(InProcessAgent agent, bool hostNetwork)
    {
        var all = await Client(agent).ListAsync(new HealthListRequest());
        foreach (var service in Known)
        {
            var expected = hostNetwork || service != V1.HostNetwork.Descriptor.FullName ? ServingStatus.Serving : ServingStatus.NotServing;
            Assert.That(all.Statuses[service].Status, Is.EqualTo(expected), service);
            Assert.That((await Client(agent).CheckAsync(new HealthCheckRequest { Service = service })).Status, Is.EqualTo(expected), service);
        }
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Status;
    }

    private static void Degrade(InProcessAgent agent, DegradedReason reason) =>
        agent.Dataplane.View = agent.Dataplane.View with { Degradations = [Because(reason)] };

    private static void Recover(InProcessAgent agent) => agent.Dataplane.View = agent.Dataplane.View with { Degradations = [] };

    private static Degradation Because(DegradedReason reason) => new(
        reason, new Failure { Operation = "o", Subject = new ObjectRef(ObjectKind.Host), Reason = "R", Message = "m" }, DateTimeOffset.UnixEpoch);

    private static Health.HealthClient Client(InProcessAgent agent) => new(agent.Calls);
}
