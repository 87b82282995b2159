using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Tests.Client;

internal sealed class ConnectionLossTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task Cut_DuringACall_IsUnavailableAndStopsTheHandler([Values] bool streaming)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        await using var proxy = new Proxy(server.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new Steered.SteeredClient(channel);
        using var chat = client.Chat();
        var end = streaming
            ? await FirstThenNextAsync(chat)
            : client.UnaryAsync(new Note()).ResponseAsync;
        await _begun.Task.Guarded();

        proxy.Cut();

        var failure = await Expect.FailureAsync(end, StatusCode.Unavailable);
        Assert.That(failure.Status.Detail, Is.Not.Empty);
        await _left.Task.Guarded();
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Cut_WhileRequestsAreSent_IsUnavailable()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        await using var proxy = new Proxy(server.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        using var upload = new Steered.SteeredClient(channel).Upload();
        var writing = WriteForEverAsync(upload.RequestStream);
        await _begun.Task.Guarded();

        proxy.Cut();

        await Expect.FailureAsync(upload.ResponseAsync, StatusCode.Unavailable);
        await Expect.FailureAsync(writing, StatusCode.Unavailable);
    }

    [Test]
    public async Task NextCall_AfterACut_IsMadeOnANewConnection()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        await using var proxy = new Proxy(server.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new Steered.SteeredClient(channel);
        using var chat = client.Chat();
        var end = await FirstThenNextAsync(chat);
        proxy.Cut();
        await Expect.FailureAsync(end, StatusCode.Unavailable);

        using var upload = client.Download(new Note());

        Assert.That(await upload.ResponseStream.MoveNext(CancellationToken.None).Guarded());
    }

    [Test]
    public async Task PeerThatWentSilent_IsNoticedByKeepAlive()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        await using var proxy = new Proxy(server.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
            },
            DisposeHttpClient = true,
        });
        using var chat = new Steered.SteeredClient(channel).Chat();
        var end = await FirstThenNextAsync(chat);

        proxy.Swallow();

        await Expect.FailureAsync(end, StatusCode.Unavailable);
    }

    [Test]
    public async Task PeerThatWentSilent_IsNoticedByTheDeadlineOfTheCall()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        await using var proxy = new Proxy(server.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new Steered.SteeredClient(channel);
        using var chat = client.Chat();
        await FirstThenNextAsync(chat);
        proxy.Swallow();

        await Expect.FailureAsync(
            client.UnaryAsync(new Note(), deadline: DateTime.UtcNow.AddMilliseconds(100)).ResponseAsync, StatusCode.DeadlineExceeded);
    }

    [Test]
    public async Task Server_ThatIsKilled_IsUnavailable()
    {
        var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var chat = new Steered.SteeredClient(channel).Chat();
        var end = await FirstThenNextAsync(chat);

        await server.DisposeAsync();

        await Expect.FailureAsync(end, StatusCode.Unavailable);
    }

    /// <summary>Reads the one message that the handler sends, and begins to read another.</summary>
    private static async Task<Task> FirstThenNextAsync(AsyncDuplexStreamingCall<Note, Note> chat)
    {
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        return chat.ResponseStream.MoveNext(CancellationToken.None);
    }

    private static async Task WriteForEverAsync(IClientStreamWriter<Note> requests)
    {
        var note = new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) };
        while (true)
        {
            await requests.WriteAsync(note);
        }
    }

    private Handlers Waiting() => new()
    {
        Unary = async (request, context) => await WaitAsync(context),
        Upload = async (requests, context) => await WaitAsync(context),
        Download = (request, responses, context) => responses.WriteAsync(request),
        Chat = async (requests, responses, context) =>
        {
            await responses.WriteAsync(new Note());
            await WaitAsync(context);
        },
    };

    private async Task<Note> WaitAsync(ServerCallContext context)
    {
        _begun.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            _left.TrySetResult();
        }

        return new Note();
    }
}
