using Cloudbr.Agent.Rpc.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>Many calls at once on one connection, whose pooled buffers must never be mixed up.</summary>
internal sealed class StressTests
{
    [Test]
    public async Task Calls_InGreatNumberAtOnce_EachGetTheirOwnAnswer([Values] bool unixSocket)
    {
        var path = unixSocket ? TestServer.NewSocket() : null;
        await using var server = await TestServer.StartAsync(new ServerSetup { Socket = path });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            var note = Of(i, length: i * 37 % 20_000);
            if (i % 2 == 0)
            {
                Assert.That(await client.UnaryAsync(note).ResponseAsync, Is.EqualTo(note));
                return;
            }

            using var chat = client.Chat();
            await chat.RequestStream.WriteAsync(note);
            await chat.RequestStream.CompleteAsync();
            Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None));
            Assert.That(chat.ResponseStream.Current, Is.EqualTo(note));
            Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None), Is.False);
        })).Guarded();
    }

    [Test]
    public async Task Calls_CancelledAtRandom_NeverDisturbTheOthers([Values] bool gzip)
    {
        await using var server = await TestServer.StartAsync(
            new ServerSetup { Grpc = o => o.ResponseCompressionAlgorithm = gzip ? "gzip" : null });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);
        var headers = gzip ? new Metadata { { "grpc-internal-encoding-request", "gzip" } } : null;
        var random = new Random(7);
        var succeeded = 0;
        var cancelled = 0;

        // 32 callers, each with one call after the other; the big ones wait for windows, so that cancelling meets them half sent.
        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller =>
        {
            var seed = random.Next();
            return Task.Run(async () =>
            {
                var mine = new Random(seed);
                for (var i = 0; i < 40; i++)
                {
                    var note = Of((caller * 1000) + i, mine.Next(4) == 0 ? mine.Next(300_000) : mine.Next(2000));
                    using var cancellation = new CancellationTokenSource();
                    using var call = client.UnaryAsync(note, new CallOptions(headers, cancellationToken: cancellation.Token));
                    if (mine.Next(3) == 0)
                    {
                        for (var spin = mine.Next(200); spin > 0; spin--)
                        {
                            await Task.Yield();
                        }

                        await cancellation.CancelAsync();
                    }

                    try
                    {
                        Assert.That(await call.ResponseAsync, Is.EqualTo(note));
                        Interlocked.Increment(ref succeeded);
                    }
                    catch (RpcException e)
                    {
                        Assert.That(cancellation.IsCancellationRequested, e.Status.Detail);
                        Assert.That(e.StatusCode, Is.EqualTo(StatusCode.Cancelled), e.Status.Detail);
                        Interlocked.Increment(ref cancelled);
                    }
                }
            });
        })).Guarded();

        Assert.That(succeeded, Is.GreaterThan(400));
        Assert.That(cancelled, Is.Positive);
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Streams_CancelledAtRandom_NeverDisturbTheOthersNorLookLikeDefects()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = async (requests, responses, context) =>
            {
                context.CancellationToken.Register(() => { });
                while (await requests.MoveNext(CancellationToken.None))
                {
                    await responses.WriteAsync(requests.Current);
                }
            },
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        // Left in the middle, each at a moment of its own.
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            using var call = client.Chat();
            var note = Of(i, i * 101 % 5000);
            for (var round = 0; round < 5; round++)
            {
                await call.RequestStream.WriteAsync(note);
                Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None));
                Assert.That(call.ResponseStream.Current, Is.EqualTo(note));
            }
        }))).Guarded();

        await server.StopAsync().Guarded();
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Messages_OfMegabytes_GoBothWaysInEveryKindOfCall()
    {
        await using var server = await TestServer.StartAsync(
            new ServerSetup { Grpc = o => (o.MaxReceiveMessageSize, o.MaxSendMessageSize) = (null, null) });
        using var channel = server.Channel(o => (o.MaxReceiveMessageSize, o.MaxSendMessageSize) = (null, null));
        var client = new Steered.SteeredClient(channel);
        var huge = Of(1, 20_000_000);

        Assert.That((await client.UnaryAsync(huge).ResponseAsync.Guarded()).Data == huge.Data);
        using var chat = client.Chat();
        var writing = chat.RequestStream.WriteAsync(huge);
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        Assert.That(chat.ResponseStream.Current.Data == huge.Data);
        await writing.Guarded();
    }

    private static Note Of(int number, int length) =>
        new() { Number = number, Data = ByteString.CopyFrom(Frames.Noise(length, number)) };
}
