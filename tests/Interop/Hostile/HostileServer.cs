using System.Net;
using Cloudbr.Agent.Interop.Peers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>An HTTP/2 server in this process that answers each call as the test of the moment says.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HostileServer(WebApplication app)
    {
        _app = app;
        Address = new ServerAddress($"127.0.0.1:{new Uri(app.Urls.Single()).Port}", Transport.Tcp);
    }

    public ServerAddress Address { get; }

    public static async Task<HostileServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new HostileServer(app);
    }

    /// <summary>Headers of a gRPC answer, then these bytes, then these trailers.</summary>
    public static async Task AnswerAsync(HttpContext http, byte[] body, params (string Name, string Value)[] trailers)
    {
        http.Response.ContentType = RawClient.GrpcContentType;
        await http.Response.Body.WriteAsync(body);
        await http.Response.Body.FlushAsync();
        foreach (var (name, value) in trailers)
        {
            http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers.Append(name, value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Hangs up on whatever the test left open.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
