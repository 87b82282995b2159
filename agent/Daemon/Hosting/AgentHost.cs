using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Daemon.Connections;
using Cloudbr.Agent.Daemon.History;
using Cloudbr.Agent.Daemon.Logging;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Observers;
using Cloudbr.Agent.Daemon.Options;
using Cloudbr.Agent.Daemon.Requests;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.History;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Process;
using Cloudbr.Agent.Linux.Systemd;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>
/// The one composition: which parts there are, how they are joined, and in which order the agent starts and stops. The only
/// file besides the services that names the gRPC runtime.
/// </summary>
internal static class AgentHost
{
    /// <summary>The largest request that is taken.</summary>
    public const int MaxReceiveBytes = 4 * 1024 * 1024;

    /// <summary>A management server sends a whole boot storm over one connection.</summary>
    private const int MaxCallsPerConnection = 1024;

    /// <summary>How many callers may be connected, or wait for that, at once.</summary>
    private const int MaxConnections = 4096;

    /// <summary>Calls under way get so long to finish when the agent stops; systemd and operators wait for it.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1.5);

    /// <param name="options">How it runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="startDataplane">What changes the host; the agent's own unless a test has another.</param>
    public static async Task<WebApplication> BuildAsync(
        AgentOptions options, CancellationToken cancellationToken, Func<IServiceProvider, IDataplane>? startDataplane = null)
    {
        ListeningSocket.Check(options.Socket);
        var capabilities = await CapabilityProbe.RunAsync(cancellationToken);

        // The other builders would have every folder below the working directory watched for settings: the whole host, for a service.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "cloudbr-agent" });
        ConfigureLogging(builder.Logging, options.LogLevel);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(sockets => sockets.Backlog = MaxConnections);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = DrainTime);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(capabilities);

        // By factories, so that the container ends what it has handed out, in the other order.
        builder.Services.AddSingleton<IGenerationCodec, GenerationMapping>();
        builder.Services.AddSingleton<IJournal>(services => OpenState(options, folder => new FileJournal(
            folder, services.GetRequiredService<IGenerationCodec>(), services.GetRequiredService<TimeProvider>())));
        builder.Services.AddSingleton(services => OpenState(options, folder => new GenerationStore(
            folder, services.GetRequiredService<IGenerationCodec>(), options.History, new GenerationLog(Logger(services, "History")))));
        builder.Services.AddSingleton(services => OpenGit(options, capabilities.Host, services));
        builder.Services.AddSingleton<IHistory, KeptHistory>();
        builder.Services.AddSingleton(services => startDataplane?.Invoke(services) ?? StartDataplane(capabilities, services));
        builder.Services.AddSingleton(_ => RuleCounters.OnThisHost());
        builder.Services.AddSingleton(services => new AgentRun(
            capabilities.Host.BootId, () => services.GetRequiredService<IDataplane>().View.Status, TimeProvider.System));
        builder.Services.AddSingleton(services => new AnswerMemory(
            options.StateDirectory, services.GetRequiredService<ILoggerFactory>().CreateLogger("Cloudbr.Agent.Requests")));
        builder.Services.AddSingleton<ConnectionTracker>();
        builder.Services.AddSingleton<TelemetryHub>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => IdleMemory.OfThisProcess(services.GetRequiredService<TimeProvider>()));
        AddServices(builder.Services);

        var app = builder.Build();

        // What is made first is ended last: the dataplane may still finish a change whose answer is to be remembered.
        _ = app.Services.GetRequiredService<AnswerMemory>();
        _ = app.Services.GetRequiredService<IDataplane>();
        _ = app.Services.GetRequiredService<IdleMemory>();
        MapServices(app);
        return app;
    }

    private static ReconcileLoop StartDataplane(HostCapabilities capabilities, IServiceProvider services)
    {
        var (host, options) = (capabilities.Host, services.GetRequiredService<AgentOptions>());
        var (log, time) = (new DataplaneLog(Logger(services, "Dataplane")), services.GetRequiredService<TimeProvider>());
        var filter = FilterDriver.OnThisHost(log.ToolWarned);
        var designer = new FilterDesigner(options.Insecure?.Port, filter.MatchesBridges, filter.HasZones);
        var otherBackend = new OtherBackend(
            (call, limit) => Tool.RunAsync(call, limit, CancellationToken.None), capabilities.FirewallTools, isV6 => LegacyTables.Names(isV6), time);
        try
        {
            return ReconcileLoop.Start(new DataplaneSetup
            {
                Hostname = host.Hostname,
                Kernel = FilteringKernel.Open(filter, capabilities.FirewallTools, time),
                Connections = new ConnectionKeeper(ForgetConnections, designer.ZoneOf),
                Filter = designer,
                FindProblems = new FilterProblems(designer, otherBackend, time).Find,
                Providers = NetworkProbe.Run(host.Hostname),
                Journal = services.GetRequiredService<IJournal>(),
                History = services.GetRequiredService<IHistory>(),
                Observer = new DataplaneObservers(log, new DataplaneEvents(services.GetRequiredService<TelemetryHub>())),
                Time = time,
                Drift = DriftPolicy.Default with { Mode = options.DriftMode },
                OtherManager = new OtherManagers().Of,
                LostSince = LostSince(services),
                ManagementLostAfter = options.ManagementLostAfter,
            });
        }
        catch (JournalException e)
        {
            throw new ConfigurationException($"{e.Failure.Message} ({e.Failure.Evidence}); {e.Failure.Remedy}");
        }
        catch (NetlinkException e)
        {
            throw new ConfigurationException($"the kernel's network configuration cannot be read: {e.Message}; the service needs AF_NETLINK and CAP_NET_ADMIN");
        }
    }

    private static void ForgetConnections(Family family, Func<Connection, bool> isSo)
    {
        using var connections = ConnectionSocket.Open();
        connections.Forget(family, isSo);
    }

    /// <summary>
    /// Who calls from this host is not cut off by what is done to its network, and cloudbrctl is gone as soon as it has its answer.
    /// </summary>
    internal static Func<string, TimeSpan?> LostSince(IServiceProvider services)
    {
        var connections = services.GetRequiredService<ConnectionTracker>();
        return caller => Caller.IsOnThisHost(caller) ? null : connections.LostFor(caller);
    }

    private static ILogger Logger(IServiceProvider services, string area) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger($"Cloudbr.Agent.{area}");

    private static GitHistory OpenGit(AgentOptions options, HostIdentity host, IServiceProvider services)
    {
        var directory = Path.Combine(options.StateDirectory, "history");
        return new GitHistory(
            directory,
            options.History,
            host.Hostname,
            new HistoryFormat(),
            new GitHistoryLog(Logger(services, "History"), directory),
            services.GetRequiredService<TimeProvider>());
    }

    private static T OpenState<T>(AgentOptions options, Func<string, T> open)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(options.StateDirectory) ?? "/");
            return open(options.StateDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the state folder {options.StateDirectory} cannot be made: {e.Message}");
        }
        catch (JournalException e)
        {
            throw new ConfigurationException($"{e.Failure.Message} ({e.Failure.Evidence}); {e.Failure.Remedy}");
        }
    }

    public static async Task RunAsync(WebApplication app, AgentOptions options)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Cloudbr.Agent");
        var run = app.Services.GetRequiredService<AgentRun>();
        foreach (var tool in app.Services.GetRequiredService<HostCapabilities>().FirewallTools)
        {
            if (tool.Availability != Availability.Available)
            {
                AgentLog.ToolUnusable(log, tool.Name, tool.Reason);
            }
        }

        ListeningSocket.MakeRoom(options.Socket, log);
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            AgentLog.Stopping(log);
            app.Services.GetRequiredService<HealthService>().Stop();
            app.Services.GetRequiredService<TelemetryHub>().Close();
            LogUntold(ServiceManager.Stopping("finishing calls under way"));
        });

        try
        {
            await app.StartAsync();
        }
        catch (SocketException e)
        {
            var endpoints = new[] { options.Socket, options.Insecure?.ToString() }.OfType<string>();
            throw new ConfigurationException($"cannot listen on {string.Join(" and ", endpoints)}: {e.Message}");
        }

        ListeningSocket.Protect(options.Socket);
        if (options.Insecure is { } endpoint)
        {
            AgentLog.Insecure(log, endpoint.ToString());
        }

        AgentLog.Serving(log, AgentVersion.Text, string.Join(", ", app.Urls), run.InstanceId, run.Status.Generation);
        LogUntold(ServiceManager.Ready($"serving, generation {run.Status.Generation}"));
        await app.WaitForShutdownAsync();
        AgentLog.Stopped(log);

        void LogUntold(string? reason)
        {
            if (reason is not null)
            {
                AgentLog.ServiceManagerUntold(log, reason);
            }
        }
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddGrpc(o =>
        {
            o.MaxReceiveMessageSize = MaxReceiveBytes;

            // The state of thousands of networks is as long as it is; who asks for it says how much he takes.
            o.MaxSendMessageSize = null;
            o.Interceptors.Add<ContractInterceptor>();
            o.Interceptors.Add<AnswerInterceptor>();
        });
        services.AddSingleton<StatusWatch>();
        services.AddSingleton<HealthService>();
        services.AddSingleton<HostNetworkService>();
        services.AddSingleton<TelemetryService>();
        services.AddSingleton<DiagnosticsService>();
        services.AddSingleton<ReflectionStream>();
        services.AddSingleton<ReflectionService>();
        services.AddSingleton<ReflectionV1AlphaService>();
    }

    private static void MapServices(WebApplication app)
    {
        app.MapGrpcService<HealthService>();
        app.MapGrpcService<HostNetworkService>();
        app.MapGrpcService<TelemetryService>();
        app.MapGrpcService<DiagnosticsService>();
        app.MapGrpcService<ReflectionService>();
        app.MapGrpcService<ReflectionV1AlphaService>();
    }

    private static void Listen(KestrelServerOptions kestrel, AgentOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;

        // A stream may rest for hours; a dead peer is told from a resting one by pings. Within 15 s: short beside any time after which
        // somebody would want to act on a lost management server, and long beside what a loaded network or a server that
        // collects its garbage takes to answer one.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = MaxCallsPerConnection;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);

        // Callers are few. One that leaks connections must not take the memory and file descriptors that the agent itself needs.
        limits.MaxConcurrentConnections = MaxConnections;
        kestrel.ListenUnixSocket(options.Socket, Serve);
        if (options.Insecure is { } endpoint)
        {
            kestrel.Listen(endpoint, Serve);
        }

        static void Serve(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseCallers(listen.ApplicationServices.GetRequiredService<ConnectionTracker>());
        }
    }

    private static void ConfigureLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);

        // The framework's own chatter is for those who debug the agent, not for operators.
        logging.AddFilter("Microsoft", level <= LogLevel.Debug ? LogLevel.Information : LogLevel.Warning);

        // What bad callers do to their own connections is no news to an operator, and they could fill the journal with it.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Http2", level <= LogLevel.Debug ? LogLevel.Information : LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", level <= LogLevel.Debug ? LogLevel.Information : LogLevel.Error);

        // Why the agent cannot start is told in one line by Program, not by a stack.
        logging.AddFilter("Microsoft.Extensions.Hosting", level <= LogLevel.Debug ? LogLevel.Information : LogLevel.None);
        if (Journal.IsConnected)
        {
            logging.AddProvider(new JournalLoggerProvider());
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                o.UseUtcTimestamp = true;
            });
        }
    }
}
