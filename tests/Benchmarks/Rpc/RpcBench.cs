using System.Diagnostics;
using Google.Protobuf;

namespace Cloudbr.Agent.Benchmarks.Rpc;

/// <summary>
/// The transport alone, at 200-byte messages on one connection. The figures asked for are those of Grpc.AspNetCore with
/// Grpc.Net.Client on the same kind of machine (2 cores).
/// </summary>
internal static class RpcBench
{
    private const int PayloadBytes = 200;
    private const int Runs = 5;
    private const int Sequential = 10_000;
    private const int Callers = 32;
    private const int Concurrent = 150_000;
    private const int Poured = 200_000;

    // The payload with its protobuf tag and length, and the five bytes of the frame.
    private const int FrameBytes = PayloadBytes + 3 + 5;

    // As many messages as gRPC's BufferHint lets wait for a flush.
    private const int RawFlushEvery = (32 * 1024) / FrameBytes;

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        var rows = new List<Row>();
        foreach (var unixSocket in new[] { false, true })
        {
            using var server = ServerProcess.Start(unixSocket);
            var client = new Bench.BenchClient(server.Channel);
            await WarmUpAsync(client);
            rows.AddRange(await MeasureAsync(client, server.Raw, unixSocket));
        }

        return rows;
    }

    private static async Task<IEnumerable<Row>> MeasureAsync(Bench.BenchClient client, HttpClient raw, bool unixSocket)
    {
        var on = unixSocket ? "Unix socket" : "TCP";
        var sequential = new List<(double P50, double Cpu)>();
        var concurrent = new List<(double Time, double Cpu)>();
        var flushed = new List<(double Time, double Allocated)>();
        var buffered = new List<(double Time, double Allocated)>();
        var rawFlushed = new List<double>();
        var rawBuffered = new List<double>();

        // Interleaved, so that a disturbance of the machine does not fall on one kind of work alone.
        for (var run = 0; run < Runs; run++)
        {
            sequential.Add(await SequentialAsync(client));
            concurrent.Add(await ConcurrentAsync(client));
            flushed.Add(await PourAsync(client, bufferHint: false));
            buffered.Add(await PourAsync(client, bufferHint: true));
            rawFlushed.Add(await PourRawAsync(client, raw, flushEvery: 1));
            rawBuffered.Add(await PourRawAsync(client, raw, flushEvery: RawFlushEvery));
        }

        return
        [
            Row.Aim($"unary 200 B, sequential, {on}: p50", "us", [.. sequential.Select(s => s.P50)], unixSocket ? 37 : 47),
            Row.Aim($"unary 200 B, sequential, {on}: server CPU a call", "us", [.. sequential.Select(s => s.Cpu)], 45),
            Row.Aim($"unary 200 B, {Callers} callers, {on}: time a call", "us", [.. concurrent.Select(s => s.Time)], 1e6 / 86_000),
            Row.Aim($"unary 200 B, {Callers} callers, {on}: server CPU a call", "us", [.. concurrent.Select(s => s.Cpu)], 10.7),
            Row.Aim($"server stream 200 B, flushed, {on}: time a message", "us", [.. flushed.Select(s => s.Time)], 1e6 / 768_000),
            Row.Aim($"server stream 200 B, BufferHint, {on}: time a message", "us", [.. buffered.Select(s => s.Time)], 1e6 / 1_500_000),
            Row.Against($"server stream 200 B, flushed, {on}: server allocation a message", "B", [.. flushed.Select(s => s.Allocated)], "Kestrel alone", rawFlushed),
            Row.Against($"server stream 200 B, BufferHint, {on}: server allocation a message", "B", [.. buffered.Select(s => s.Allocated)], "Kestrel alone", rawBuffered),
        ];
    }

    /// <summary>Long enough for tiered compilation to have settled on both sides.</summary>
    private static async Task WarmUpAsync(Bench.BenchClient client)
    {
        var until = Stopwatch.StartNew();
        while (until.Elapsed < TimeSpan.FromSeconds(5))
        {
            await SequentialAsync(client);
            await ConcurrentAsync(client);
            await PourAsync(client, bufferHint: false);
            await PourAsync(client, bufferHint: true);
        }
    }

    private static async Task<(double P50, double Cpu)> SequentialAsync(Bench.BenchClient client)
    {
        var request = Message();
        var times = new double[Sequential];
        var before = await client.UsageAsync(new UsageRequest());
        for (var i = 0; i < Sequential; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await client.EchoAsync(request);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        var after = await client.UsageAsync(new UsageRequest());
        return (Row.Median(times), (after.CpuNs - before.CpuNs) / 1e3 / Sequential);
    }

    private static async Task<(double Time, double Cpu)> ConcurrentAsync(Bench.BenchClient client)
    {
        var request = Message();
        var left = Concurrent;
        var before = await client.UsageAsync(new UsageRequest());
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await client.EchoAsync(request);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var after = await client.UsageAsync(new UsageRequest());
        return (elapsed.TotalMicroseconds / Concurrent, (after.CpuNs - before.CpuNs) / 1e3 / Concurrent);
    }

    private static async Task<(double Time, double Allocated)> PourAsync(Bench.BenchClient client, bool bufferHint)
    {
        var before = await client.UsageAsync(new UsageRequest());
        var start = Stopwatch.GetTimestamp();
        using var call = client.Pour(new PourRequest { Count = Poured, PayloadBytes = PayloadBytes, BufferHint = bufferHint });
        var received = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            received++;
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        if (received != Poured)
        {
            throw new InvalidOperationException($"{received} of {Poured} messages arrived.");
        }

        var after = await client.UsageAsync(new UsageRequest());
        return (elapsed.TotalMicroseconds / Poured, (after.AllocatedBytes - before.AllocatedBytes) / (double)Poured);
    }

    /// <summary>What Kestrel allocates on its server for the same bytes without gRPC, a message.</summary>
    private static async Task<double> PourRawAsync(Bench.BenchClient client, HttpClient raw, int flushEvery)
    {
        var before = await client.UsageAsync(new UsageRequest());
        await using var body = await raw.GetStreamAsync($"/pour/{Poured}/{FrameBytes}/{flushEvery}");
        var buffer = new byte[64 * 1024];
        long received = 0;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            received += read;
        }

        if (received != (long)Poured * FrameBytes)
        {
            throw new InvalidOperationException($"{received} of {(long)Poured * FrameBytes} bytes arrived.");
        }

        var after = await client.UsageAsync(new UsageRequest());
        return (after.AllocatedBytes - before.AllocatedBytes) / (double)Poured;
    }

    private static Blob Message() => new() { Payload = ByteString.CopyFrom(new byte[PayloadBytes]) };
}
