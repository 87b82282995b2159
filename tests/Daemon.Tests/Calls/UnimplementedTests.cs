using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>What Capabilities.methods says and what methods do are the same, for every method of the contract.</summary>
internal sealed class UnimplementedTests
{
    private static readonly string[] Done =
    [
        .. ImplementedMethods.Of(V1.Diagnostics.Descriptor, typeof(DiagnosticsService)),
        .. ImplementedMethods.Of(HostNetwork.Descriptor, typeof(HostNetworkService)),
        .. ImplementedMethods.Of(V1.Telemetry.Descriptor, typeof(TelemetryService)),
    ];

    private static IEnumerable<string> NotDone => Contract.Methods.Select(Contract.NameOf).Except(Done);

    [TestCaseSource(nameof(NotDone))]
    public async Task Method_NotThereYet_SaysSoInWords(string method)
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await Refused.ByAsync(() => Contract.CallAsync(agent.Calls, Contract.Method(method), []));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.Unimplemented));
        Assert.That(refused.Words, Does.StartWith($"{method} is part of the contract").And.Contain("GetCapabilities"));
        Assert.That(refused.Info.Reason, Is.EqualTo("NOT_IN_THIS_VERSION"));
    }

    [Test]
    public async Task Capabilities_ListAllMethodsButThese()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var capabilities = await new HostNetwork.HostNetworkClient(agent.Calls).GetCapabilitiesAsync(new GetCapabilitiesRequest());
        Assert.That(capabilities.Capabilities.Methods, Is.EquivalentTo(Contract.Methods.Select(Contract.NameOf).Except(NotDone)));
        Assert.That(Contract.Services, Has.Count.EqualTo(3), "a new service has to be asked for here");
    }

    [TestCaseSource(nameof(Done))]
    public async Task Method_ThatCapabilitiesList_DoesMoreThanSayThatItIsNotThere(string method)
    {
        await using var agent = await InProcessAgent.StartAsync();
        Assert.That(await Contract.FirstStatusAsync(agent.Calls, Contract.Method(method)), Is.Not.EqualTo(StatusCode.Unimplemented));
    }

    [Test]
    public async Task Method_OutsideTheContract_IsUnimplemented()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "cloudbr.agent.v1.HostNetwork", "NoSuchMethod", bytes, bytes);
        Assert.That(
            async () => await agent.Calls.AsyncUnaryCall(method, null, new CallOptions(), []),
            Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.Unimplemented));
    }

    [TestCaseSource(nameof(NotDone))]
    public async Task Method_NotThereYet_TakesAnyRequestOfItsType(string name)
    {
        await using var agent = await InProcessAgent.StartAsync();
        var method = Contract.Method(name);
        var request = Services.RandomMessage.Of(method.InputType, new Random(name.Length)).ToByteArray();
        Assert.That((await Refused.ByAsync(() => Contract.CallAsync(agent.Calls, method, request))).Code, Is.EqualTo(StatusCode.Unimplemented));
    }

    [Test]
    public void Contract_HasNoClientStreams()
    {
        // The interceptor looks for unknown fields in unary and server streaming calls, and nowhere else.
        Assert.That(Contract.Methods.Where(m => m.IsClientStreaming).Select(Contract.NameOf), Is.Empty);
    }
}
