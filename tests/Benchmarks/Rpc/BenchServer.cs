using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cloudbr.Agent.Benchmarks.Rpc;

/// <summary>The measured server: set up as the agent sets up its own.</summary>
internal static class BenchServer
{
    public static async Task RunAsync(string endpoint)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            if (endpoint.StartsWith("unix:", StringComparison.Ordinal))
            {
                kestrel.ListenUnixSocket(endpoint["unix:".Length..], listen => listen.Protocols = HttpProtocols.Http2);
            }
            else
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<BenchService>();
        var app = builder.Build();
        app.MapGrpcService<BenchService>();
        app.MapGet("/pour/{count:int}/{bytes:int}/{flushEvery:int}", PourRawAsync);
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());

        // The benchmark closes its end of the pipe when it is done, or when it dies.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    /// <summary>The same bytes without gRPC: what remains is Kestrel's own.</summary>
    private static async Task PourRawAsync(HttpContext http, int count, int bytes, int flushEvery)
    {
        var body = http.Response.BodyWriter;
        for (var i = 1; i <= count; i++)
        {
            body.GetSpan(bytes)[..bytes].Clear();
            body.Advance(bytes);
            if (i % flushEvery == 0)
            {
                await body.FlushAsync();
            }
        }
    }

    private sealed class BenchService : Bench.BenchBase
    {
        private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

        public override Task<Blob> Echo(Blob request, ServerCallContext context) => Task.FromResult(request);

        public override async Task Pour(PourRequest request, IServerStreamWriter<Blob> responseStream, ServerCallContext context)
        {
            var message = new Blob { Payload = ByteString.CopyFrom(new byte[request.PayloadBytes]) };
            responseStream.WriteOptions = request.BufferHint ? Buffered : WriteOptions.Default;
            for (var i = 0; i < request.Count; i++)
            {
                await responseStream.WriteAsync(message);
            }
        }

        public override Task<UsageResponse> Usage(UsageRequest request, ServerCallContext context) => Task.FromResult(new UsageResponse
        {
            CpuNs = Environment.CpuUsage.TotalTime.Ticks * 100,
            AllocatedBytes = GC.GetTotalAllocatedBytes(),
        });
    }
}
