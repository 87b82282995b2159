using System.Net.Sockets;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Tests.Client;

internal sealed class ReconnectTests
{
    [Test]
    public async Task Call_AfterTheServerCameBack_IsMade([Values] bool unixSocket)
    {
        var path = unixSocket ? TestServer.NewSocket() : null;
        var first = await TestServer.StartAsync(new ServerSetup { Socket = path });
        var port = unixSocket ? 0 : first.Address.Port;
        using var channel = first.Channel(o => o.InitialReconnectBackoff = TimeSpan.FromMilliseconds(1));
        var client = new Steered.SteeredClient(channel);
        await client.UnaryAsync(new Note()).ResponseAsync.Guarded();
        await first.DisposeAsync();
        await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);

        await using var second = await TestServer.StartAsync(new ServerSetup { Socket = path, Port = port });
        var answer = client.UnaryAsync(new Note { Number = 3 }, new CallOptions().WithWaitForReady()).ResponseAsync;

        Assert.That((await answer.Guarded()).Number, Is.EqualTo(3));
        Assert.That((await client.UnaryAsync(new Note { Number = 4 }).ResponseAsync.Guarded()).Number, Is.EqualTo(4));
    }

    [Test]
    public async Task Call_ToNobody_IsUnavailableAndSoIsTheNextWithoutAnotherAttempt()
    {
        var attempts = 0;
        using var transport = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) =>
            {
                Interlocked.Increment(ref attempts);
                throw new SocketException((int)SocketError.ConnectionRefused);
            },
        };
        using var channel = GrpcChannel.ForAddress("http://localhost:1", new GrpcChannelOptions
        {
            HttpHandler = transport,
            InitialReconnectBackoff = TimeSpan.FromHours(1),
            MaxReconnectBackoff = null,
        });
        var client = new Steered.SteeredClient(channel);

        var first = await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
        var second = await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
        var third = await Expect.FailureAsync(client.Chat().ResponseStream.MoveNext(CancellationToken.None), StatusCode.Unavailable);

        Assert.That(attempts, Is.EqualTo(1));
        Assert.That(first.Status.Detail, Does.Contain("refused"));
        Assert.That(second.Status.Detail, Does.Contain("refused").And.Contain("no new attempt"));
        Assert.That(third.Status.Detail, Does.Contain("no new attempt"));
    }

    [Test]
    public async Task Write_ThatWaitsForAConnectionWhichFails_IsUnavailable()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var transport = new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) =>
            {
                await gate.Task;
                throw new SocketException((int)SocketError.ConnectionRefused);
            },
        };
        using var channel = GrpcChannel.ForAddress("http://localhost:1", new GrpcChannelOptions { HttpHandler = transport });
        using var call = new Steered.SteeredClient(channel).Chat();

        var write = call.RequestStream.WriteAsync(new Note());
        Assert.That(write.IsCompleted, Is.False);
        gate.SetResult();

        await Expect.FailureAsync(write, StatusCode.Unavailable);
    }

    [Test]
    public async Task Call_ThatWaitsForReady_WaitsUntilTheServerIsThere([Values] bool streaming)
    {
        var path = TestServer.NewSocket();
        using var channel = TestServer.ChannelTo(path, backoff: TimeSpan.FromMilliseconds(20));
        var client = new Steered.SteeredClient(channel);
        await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
        var options = new CallOptions().WithWaitForReady();

        using var chat = client.Chat(options);
        var waiting = streaming
            ? ChatOnceAsync(chat)
            : client.UnaryAsync(new Note { Number = 9 }, options).ResponseAsync;
        await using var server = await TestServer.StartAsync(new ServerSetup { Socket = path });

        Assert.That((await waiting.Guarded()).Number, Is.EqualTo(9));
    }

    [Test]
    public async Task Call_ThatWaitsForReady_StillHasItsDeadline()
    {
        using var channel = TestServer.ChannelTo(TestServer.NewSocket(), backoff: TimeSpan.FromHours(1));
        var options = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(100)).WithWaitForReady();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note(), options).ResponseAsync, StatusCode.DeadlineExceeded);
    }

    [Test]
    public async Task Channel_ThatWasDisposedOf_MakesNoCalls()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);
        channel.Dispose();

        await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Unavailable);
        Assert.That(() => channel.CreateCallInvoker(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Channel_ToAnAddressThatIsNoHttp_IsRefused() =>
        Assert.That(() => GrpcChannel.ForAddress("ftp://host"), Throws.ArgumentException);

    private static async Task<Note> ChatOnceAsync(AsyncDuplexStreamingCall<Note, Note> call)
    {
        await call.RequestStream.WriteAsync(new Note { Number = 9 });
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current;
    }
}
