using System.Buffers;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Server;
using Cloudbr.Agent.Rpc.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Server;

internal sealed class CompressionTests
{
    private const string Download = "/cloudbr.rpc.tests.Steered/Download";

    private static readonly (string, string) AcceptsGzip = ("grpc-accept-encoding", "identity,gzip");

    private static readonly Note Zeros = new() { Data = ByteString.CopyFrom(new byte[10_000]) };

    [Test]
    public async Task Response_OfACompressingServer_IsCompressedForCallersThatAcceptIt([Values] bool accepts)
    {
        await using var server = await TestServer.StartAsync(Setup(new Handlers { Download = (_, responses, _) => responses.WriteAsync(Zeros) }));
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Download, Frames.Of(new Note()), accepts ? AcceptsGzip : ("x", "y"));

        Assert.That(answer.Headers.GetValueOrDefault("grpc-encoding"), Is.EqualTo(accepts ? "gzip" : null));
        Assert.That(FlagsIn(answer.Body), Is.EqualTo(new[] { accepts }));
        Assert.That(answer.Body.Length < 1000, Is.EqualTo(accepts));
    }

    [Test]
    public async Task Response_WithNoCompress_IsSentPlainAmongCompressedOnes()
    {
        await using var server = await TestServer.StartAsync(Setup(new Handlers
        {
            Download = async (_, responses, _) =>
            {
                await responses.WriteAsync(Zeros);
                responses.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
                await responses.WriteAsync(Zeros);
                responses.WriteOptions = null;
                await responses.WriteAsync(Zeros);
            },
        }));
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Download, Frames.Of(new Note()), AcceptsGzip);

        Assert.That(FlagsIn(answer.Body), Is.EqualTo(new[] { true, false, true }));
    }

    [Test]
    public async Task Response_OfAHandlerThatAsksForCompression_IsCompressed()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (_, responses, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
                await responses.WriteAsync(Zeros);
            },
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync(Download, Frames.Of(new Note()), AcceptsGzip);

        Assert.That(FlagsIn(answer.Body), Is.EqualTo(new[] { true }));
        Assert.That(answer.Headers, Does.Not.ContainKey("grpc-internal-encoding-request"));
    }

    [Test]
    public async Task Messages_CompressedBothWays_ComeBackInEveryKindOfCall()
    {
        var compressed = new List<bool>();
        await using var server = await TestServer.StartAsync(Setup(new Handlers
        {
            Unary = (request, context) =>
            {
                compressed.Add(((ServerCall)context).LastMessageCompressed);
                return Task.FromResult(request);
            },
        }));
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);
        var gzip = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        var plain = gzip.WithWriteOptions(new WriteOptions(WriteFlags.NoCompress));

        Assert.That(await client.UnaryAsync(Zeros, gzip).ResponseAsync.Guarded(), Is.EqualTo(Zeros));
        Assert.That(await client.UnaryAsync(Zeros, plain).ResponseAsync.Guarded(), Is.EqualTo(Zeros));
        Assert.That(await client.UnaryAsync(new Note(), gzip).ResponseAsync.Guarded(), Is.EqualTo(new Note()));
        Assert.That(compressed, Is.EqualTo(new[] { true, false, false }));

        using var chat = client.Chat(gzip);
        foreach (var note in new[] { Zeros, new Note(), new Note { Text = "short" } })
        {
            await chat.RequestStream.WriteAsync(note).Guarded();
            Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded());
            Assert.That(chat.ResponseStream.Current, Is.EqualTo(note));
        }

        await chat.RequestStream.CompleteAsync().Guarded();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
    }

    [Test]
    public void ResponseCompressionAlgorithm_ThatNobodyKnows_FailsTheStart() =>
        Assert.That(
            () => TestServer.StartAsync(new ServerSetup { Grpc = o => o.ResponseCompressionAlgorithm = "zstd" }),
            Throws.InvalidOperationException.With.Message.Contains("zstd"));

    private static ServerSetup Setup(Handlers handlers) =>
        new() { Handlers = handlers, Grpc = o => o.ResponseCompressionAlgorithm = "gzip" };

    private static List<bool> FlagsIn(byte[] body)
    {
        var rest = new ReadOnlySequence<byte>(body);
        var flags = new List<bool>();
        while (Frame.TryTake(ref rest, 1 << 20, out var frame))
        {
            flags.Add(frame.Compressed);
        }

        Assert.That(rest.IsEmpty);
        return flags;
    }
}
