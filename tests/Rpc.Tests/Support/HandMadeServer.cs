using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>A server that speaks HTTP/2 and whose answers are made by hand, to say what no gRPC server would.</summary>
internal sealed class HandMadeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HandMadeServer(WebApplication app) => _app = app;

    public static async Task<HandMadeServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new HandMadeServer(app);
    }

    /// <summary>An answer of gRPC's content type with this body, and these trailers after it.</summary>
    public static Task<HandMadeServer> StartAsync(byte[] body, params (string Name, string Value)[] trailers) => StartAsync(async http =>
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(body);
        foreach (var (name, value) in trailers)
        {
            http.Response.AppendTrailer(name, value);
        }
    });

    public GrpcChannel Channel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions();
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(_app.Urls.Single(), options);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
