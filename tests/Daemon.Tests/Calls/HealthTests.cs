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

    private static Health.HealthClient Client(InProcessAgent agent) => new(agent.Calls);
}
