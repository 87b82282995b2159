using Cloudbr.Agent.Daemon.Connections;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Observers;
using Cloudbr.Agent.Daemon.Options;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>A whole agent in this process but for the kernel, on a socket of its own, and a connection to it.</summary>
internal sealed class InProcessAgent : IAsyncDisposable
{
    /// <summary>Far more than anything here takes: it only ends a test that would wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

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

    /// <summary>What takes the changes, unless the agent's own loop does.</summary>
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

    /// <summary>How long somebody has been cut off, as the dataplane asks.</summary>
    public TimeSpan? LostSince(string caller) => AgentHost.LostSince(_app.Services)(caller);

    /// <summary>The history, to be filled.</summary>
    public IHistory History => _app.Services.GetRequiredService<IHistory>();

    /// <summary>The git history is written by a thread of its own: returns when the answer is as wanted.</summary>
    public async Task<ListHistoryResponse> WaitForHistoryAsync(Predicate<ListHistoryResponse> wanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var found = await HostNetwork.ListHistoryAsync(new ListHistoryRequest(), cancellationToken: limit.Token);
            if (wanted(found))
            {
                return found;
            }
        }
    }

    /// <summary>The agent's own reconcile loop, journal and history, on a host in memory.</summary>
    public static Task<InProcessAgent> StartOnMemoryAsync(MemoryKernel kernel, Func<AgentOptions, AgentOptions>? configure = null) =>
        StartAsync(configure, services => StartLoop(kernel, services, services.GetRequiredService<IHistory>()));

    /// <summary>The same with a history in memory, for hundreds of generations are not to wait for the disk, and a room in front of the loop.</summary>
    public static async Task<(InProcessAgent Agent, WaitingRoom Room)> StartWithWaitingRoomAsync(MemoryKernel kernel)
    {
        WaitingRoom? room = null;
        var agent = await StartAsync(configure: null, services => room = new WaitingRoom(StartLoop(kernel, services, new MemoryHistory()), kernel));
        return (agent, room!);
    }

    /// <param name="configure">What is not as usual.</param>
    public static Task<InProcessAgent> StartAsync(Func<AgentOptions, AgentOptions>? configure = null) => StartAsync(configure, start: null);

    private static async Task<InProcessAgent> StartAsync(Func<AgentOptions, AgentOptions>? configure, Func<IServiceProvider, IDataplane>? start)
    {
        var dataplane = new FakeDataplane();
        var directory = new TempDirectory();
        var options = new AgentOptions { Socket = directory["agent.sock"], StateDirectory = directory.Path, LogLevel = LogLevel.Error };
        options = configure?.Invoke(options) ?? options;
        var app = await AgentHost.BuildAsync(options, CancellationToken.None, start ?? (_ => dataplane));
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);
        var run = AgentHost.RunAsync(app, options);
        await await Task.WhenAny(started.Task, run);
        return new InProcessAgent(directory, app, run, options.Socket, dataplane);
    }

    private static ReconcileLoop StartLoop(MemoryKernel kernel, IServiceProvider services, IHistory history) => ReconcileLoop.Start(new DataplaneSetup
    {
        Hostname = "kvm-01",
        Kernel = kernel,
        Filter = new FilterDesigner(agentPort: 9600, () => true, () => true),
        Providers = [FakeDataplane.Bridges],
        Journal = services.GetRequiredService<IJournal>(),
        History = history,
        Observer = new DataplaneEvents(services.GetRequiredService<TelemetryHub>()),
        LostSince = AgentHost.LostSince(services),
    });

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
