using Cloudbr.Agent.Testing;
using Cloudbr.Agent.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Cli.Tests.Agents;

/// <summary>An agent that answers what a test wants, on a socket of its own.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TaskCompletionSource _watchBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    private FakeAgent()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(Socket, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(o => o.MaxSendMessageSize = null);
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton<HealthService>();
        builder.Services.AddSingleton<HostNetworkService>();
        builder.Services.AddSingleton<TelemetryService>();
        _app = builder.Build();
        _app.MapGrpcService<HealthService>();
        _app.MapGrpcService<HostNetworkService>();
        _app.MapGrpcService<TelemetryService>();
    }

    public string Socket => _directory["agent.sock"];

    public HealthCheckResponse.Types.ServingStatus Health { get; set; } = HealthCheckResponse.Types.ServingStatus.Serving;

    public Func<GetCapabilitiesResponse> Capabilities { get; set; } = () => throw new RpcException(new Status(StatusCode.Unimplemented, "not asked for"));

    public GetStateResponse State { get; set; } = new();

    public GetConfigResponse Config { get; set; } = new();

    public CheckPhysicalNetworksResponse Checks { get; set; } = new();

    public Func<ApplyRequest, ApplyResponse> Apply { get; set; } = _ => throw new RpcException(new Status(StatusCode.Unimplemented, "not asked for"));

    public Func<ConfirmRequest, ConfirmResponse> Confirm { get; set; } = _ => throw new RpcException(new Status(StatusCode.Unimplemented, "not asked for"));

    public Func<RollbackRequest, RollbackResponse> Rollback { get; set; } =
        _ => throw new RpcException(new Status(StatusCode.Unimplemented, "not asked for"));

    public Func<ListHistoryRequest, ListHistoryResponse> History { get; set; } = _ => new ListHistoryResponse();

    /// <summary>What was asked of HostNetwork, in order.</summary>
    public List<Google.Protobuf.IMessage> Asked { get; } = [];

    /// <summary>What Watch sends; then it ends with <see cref="WatchEnd"/>.</summary>
    public IReadOnlyList<Event> Events { get; set; } = [];

    /// <summary>How Watch ends after its events: not at all unless a test says how.</summary>
    public Func<CancellationToken, Task> WatchEnd { get; set; } = cancellation => Task.Delay(Timeout.Infinite, cancellation);

    /// <summary>What Watch was asked for.</summary>
    public WatchRequest? Watched { get; private set; }

    /// <summary>Ends when Watch is called.</summary>
    public Task WatchBegun => _watchBegun.Task;

    public static async Task<FakeAgent> StartAsync()
    {
        var agent = new FakeAgent();
        await agent._app.StartAsync();
        return agent;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    private sealed class HealthService(FakeAgent agent) : Grpc.Health.V1.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
            Task.FromResult(new HealthCheckResponse { Status = agent.Health });
    }

    private sealed class HostNetworkService(FakeAgent agent) : HostNetwork.HostNetworkBase
    {
        public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context) =>
            Task.FromResult(agent.Capabilities());

        public override Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context) => Answer(request, agent.State);

        public override Task<GetConfigResponse> GetConfig(GetConfigRequest request, ServerCallContext context) => Answer(request, agent.Config);

        public override Task<CheckPhysicalNetworksResponse> CheckPhysicalNetworks(CheckPhysicalNetworksRequest request, ServerCallContext context) =>
            Answer(request, agent.Checks);

        public override Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context) => Answer(request, agent.Apply(request));

        public override Task<ConfirmResponse> Confirm(ConfirmRequest request, ServerCallContext context) => Answer(request, agent.Confirm(request));

        public override Task<RollbackResponse> Rollback(RollbackRequest request, ServerCallContext context) => Answer(request, agent.Rollback(request));

        public override Task<ListHistoryResponse> ListHistory(ListHistoryRequest request, ServerCallContext context) =>
            Answer(request, agent.History(request));

        private Task<T> Answer<T>(Google.Protobuf.IMessage request, T answer)
        {
            agent.Asked.Add(request);
            return Task.FromResult(answer);
        }
    }

    private sealed class TelemetryService(FakeAgent agent) : V1.Telemetry.TelemetryBase
    {
        public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
        {
            agent.Watched = request;
            agent._watchBegun.TrySetResult();
            foreach (var happened in agent.Events)
            {
                await responseStream.WriteAsync(new WatchResponse { Event = happened });
            }

            await agent.WatchEnd(context.CancellationToken);
        }
    }
}
