using Cloudbr.Agent.Daemon.Connections;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Options;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>A whole agent in this process but for the kernel, on a socket of its own, and a connection to it.</summary>
internal sealed class InProcessAgent : IAsyncDisposable
{
    private readonly TempDirectory _directory;
    private readonly WebApplication _app;
    private readonly Task _run;
    private readonly AgentConnection _connection;

    private InProcessAgent(TempDirectory directory, WebApplication app, Task run, string socket, FakeDataplane dataplane)
    {
        Dataplane = dataplane;
        _directory = directory;
        _app = app;
        _run = run;
        Socket = socket;
        _connection = new AgentConnection(socket);
    }

    public string Socket { get; }

    public FakeDataplane Dataplane { get; }

    public HostNetwork.HostNetworkClient HostNetwork => new(Calls);

    public CallInvoker Calls => _connection.Calls;

    /// <summary>How many telemetry streams are open.</summary>
    public int Streams => Hub.Count;

    /// <summary>Where what happens is told.</summary>
    public TelemetryHub Hub => _app.Services.GetRequiredService<TelemetryHub>();

    /// <summary>Who is connected to it.</summary>
    public ConnectionTracker Connections => _app.Services.GetRequiredService<ConnectionTracker>();

    /// <summary>Where it listens.</summary>
    public IEnumerable<string> Urls => _app.Urls;

    /// <param name="configure">What is not as usual.</param>
    public static async Task<InProcessAgent> StartAsync(Func<AgentOptions, AgentOptions>? configure = null)
    {
        var dataplane = new FakeDataplane();
        var directory = new TempDirectory();
        var options = new AgentOptions { Socket = directory["agent.sock"], StateDirectory = directory.Path, LogLevel = LogLevel.Error };
        options = configure?.Invoke(options) ?? options;
        var app = await AgentHost.BuildAsync(options, CancellationToken.None, _ => dataplane);
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);
        var run = AgentHost.RunAsync(app, options);
        await await Task.WhenAny(started.Task, run);
        return new InProcessAgent(directory, app, run, options.Socket, dataplane);
    }

    /// <summary>The agent begins to stop; returns at once.</summary>
    public void BeginStop() => _app.Lifetime.StopApplication();

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _app.Lifetime.StopApplication();
        await _run;
        await _app.DisposeAsync();
        _directory.Dispose();
    }
}
