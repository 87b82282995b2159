using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Services;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>What this agent does not know, it does not pass over.</summary>
internal sealed class UnknownFieldCallTests
{
    private static IEnumerable<string> Methods => Contract.Methods.Select(Contract.NameOf);

    [TestCaseSource(nameof(Methods))]
    public async Task EveryMethod_UnknownField_IsRefusedByTheNameOfTheRequest(string name)
    {
        await using var agent = await InProcessAgent.StartAsync();
        var method = Contract.Method(name);
        var request = method.InputType.Parser.ParseFrom(ByteString.Empty);
        RandomMessage.AddUnknownField(request);
        var refused = await Refused.ByAsync(() => Contract.CallAsync(agent.Calls, method, request.ToByteArray()));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Violations.Single().Field, Is.EqualTo(method.InputType.Name));
    }

    [Test]
    public async Task Watch_UnknownFieldInASubscription_IsRefusedAtItsPath()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var request = new WatchRequest { Subscriptions = { new Subscription { Topic = Topic.Heartbeat }, new Subscription { Topic = Topic.Link } } };
        RandomMessage.AddUnknownField(request.Subscriptions[1]);
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(request);
        var refused = await Refused.ByAsync(() => call.ResponseStream.MoveNext());
        Assert.That(refused.Violations.Single().Field, Is.EqualTo("subscriptions[1]"));
    }

    [Test]
    public async Task Health_UnknownField_IsNoReasonToCallTheAgentIll()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var request = new HealthCheckRequest();
        RandomMessage.AddUnknownField(request);
        Assert.That(
            (await new Health.HealthClient(agent.Calls).CheckAsync(request)).Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
    }
}
