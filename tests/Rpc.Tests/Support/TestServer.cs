using System.Net;
using System.Net.Sockets;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>What a test wants its server to be like.</summary>
internal sealed class ServerSetup
{
    public Handlers Handlers { get; init; } = new();

    public Action<GrpcServiceOptions> Grpc { get; init; } = _ => { };

    public Action<IServiceCollection> Services { get; init; } = _ => { };

    public Action<WebApplication> App { get; init; } = app => app.MapGrpcService<SteeredService>();

    public Action<ListenOptions> Listen { get; init; } = _ => { };

    /// <summary>0 lets the system choose.</summary>
    public int Port { get; init; }

    public string? Socket { get; init; }
}

/// <summary>A real Kestrel on the loopback or a Unix socket, inside the test.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string? _socket;

    private TestServer(WebApplication app, LogSink log, string? socket)
    {
        _app = app;
        _socket = socket;
        Log = log;
        Address = socket is null ? new Uri(app.Urls.Single()) : new Uri("http://localhost");
    }

    public LogSink Log { get; }

    public Uri Address { get; }

    public static Task<TestServer> StartAsync(Handlers handlers) => StartAsync(new ServerSetup { Handlers = handlers });

    public static async Task<TestServer> StartAsync(ServerSetup setup)
    {
        var log = new LogSink();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            if (setup.Socket is { } path)
            {
                kestrel.ListenUnixSocket(path, Configure);
            }
            else
            {
                kestrel.Listen(IPAddress.Loopback, setup.Port, Configure);
            }
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.AddProvider(log);
        builder.Services.AddGrpc(setup.Grpc);
        builder.Services.AddSingleton(setup.Handlers);
        builder.Services.AddSingleton<SteeredService>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(60));
        setup.Services(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        setup.App(app);
        await app.StartAsync();
        return new TestServer(app, log, setup.Socket);

        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            setup.Listen(listen);
        }
    }

    public GrpcChannel Channel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions { HttpHandler = Transport(_socket), DisposeHttpClient = true };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(Address, options);
    }

    /// <summary>A channel to a Unix socket that may not be there yet.</summary>
    public static GrpcChannel ChannelTo(string socket, TimeSpan backoff) => GrpcChannel.ForAddress(
        "http://localhost",
        new GrpcChannelOptions { HttpHandler = Transport(socket), DisposeHttpClient = true, InitialReconnectBackoff = backoff });

    public static string NewSocket() => Path.Combine(Path.GetTempPath(), $"rpc-{Guid.NewGuid():N}.sock");

    /// <summary>A connection of its own for calls made by hand.</summary>
    public RawCaller Raw() => new(Address, Transport(_socket));

    /// <summary>Begins a graceful stop; the task ends when the last call has.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        if (_socket is not null)
        {
            File.Delete(_socket);
        }
    }

    private static SocketsHttpHandler Transport(string? socketPath)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (socketPath is { } path)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return handler;
    }
}
