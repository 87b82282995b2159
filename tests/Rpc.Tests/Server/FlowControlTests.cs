using Cloudbr.Agent.Rpc.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Server;

/// <summary>Who does not read holds back who writes; nothing piles up in between.</summary>
internal sealed class FlowControlTests
{
    private const int Messages = 640;

    // What windows, pipes and socket buffers may hold of 64 MB, generously.
    private const int Held = 160;

    private static readonly Note Heavy = new() { Data = ByteString.CopyFrom(new byte[100_000]) };

    [Test]
    public async Task Write_ToACallerThatDoesNotRead_WaitsUntilItReads()
    {
        var written = 0;
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (_, responses, _) =>
            {
                for (; written < Messages; written++)
                {
                    await NotingStallAsync(responses.WriteAsync(Heavy), waiting);
                }
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        await waiting.Task.Guarded();
        Assert.That(Volatile.Read(ref written), Is.LessThan(Held));

        var read = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None).Guarded())
        {
            read++;
        }

        Assert.That(read, Is.EqualTo(Messages));
        Assert.That(written, Is.EqualTo(Messages));
    }

    [Test]
    public async Task Write_ToAServerThatDoesNotRead_WaitsUntilItReads()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Upload = async (requests, _) =>
            {
                await go.Task;
                var count = 0;
                while (await requests.MoveNext())
                {
                    count++;
                }

                return new Note { Number = count };
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Upload();
        var written = 0;
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Task.Run(async () =>
        {
            for (; written < Messages; written++)
            {
                await NotingStallAsync(call.RequestStream.WriteAsync(Heavy), waiting);
            }

            await call.RequestStream.CompleteAsync();
        });

        await waiting.Task.Guarded();
        Assert.That(Volatile.Read(ref written), Is.LessThan(Held));

        go.SetResult();
        Assert.That((await call.ResponseAsync.Guarded()).Number, Is.EqualTo(Messages));
        await writing.Guarded();
    }

    [Test]
    public async Task Write_WhileAnotherIsUnderWay_IsAnError()
    {
        Exception? second = null;
        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (_, responses, _) =>
            {
                Task first;
                do
                {
                    first = responses.WriteAsync(Heavy);
                }
                while (first.IsCompleted);
                second = await Assert.CatchAsync(() => responses.WriteAsync(Heavy));
                tried.SetResult();
                await first;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        await tried.Task.Guarded();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).Guarded())
        {
        }

        Assert.That(second, Is.TypeOf<InvalidOperationException>());
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task MoveNext_WhileAnotherIsUnderWay_IsAnErrorAndLosesNothing()
    {
        Exception? second = null;
        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Upload = async (requests, _) =>
            {
                var first = requests.MoveNext();
                Assert.That(first.IsCompleted, Is.False);
                second = await Assert.CatchAsync(() => requests.MoveNext());
                tried.SetResult();
                Assert.That(await first);
                return requests.Current;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Upload();

        await tried.Task.Guarded();
        await call.RequestStream.WriteAsync(new Note { Number = 5 }).Guarded();

        Assert.That((await call.ResponseAsync.Guarded()).Number, Is.EqualTo(5));
        Assert.That(second, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task Current_BeforeAndAfterTheMessages_IsAnError()
    {
        var errors = new List<Exception?>();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Upload = async (requests, _) =>
            {
                errors.Add(Assert.Catch(() => requests.Current.ToString()));
                Assert.That(await requests.MoveNext());
                Assert.That(await requests.MoveNext(), Is.False);
                Assert.That(await requests.MoveNext(), Is.False);
                errors.Add(Assert.Catch(() => requests.Current.ToString()));
                return new Note();
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Upload();
        await call.RequestStream.WriteAsync(new Note()).Guarded();
        await call.RequestStream.CompleteAsync().Guarded();

        await call.ResponseAsync.Guarded();

        Assert.That(errors, Is.All.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task Streams_KeptBeyondTheEndOfTheCall_SayThatItIsOver()
    {
        IAsyncStreamReader<Note>? keptRequests = null;
        IServerStreamWriter<Note>? keptResponses = null;
        ServerCallContext? keptContext = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = (requests, responses, context) =>
            {
                (keptRequests, keptResponses, keptContext) = (requests, responses, context);
                return Task.CompletedTask;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);

        await Expect.FailureAsync(keptResponses!.WriteAsync(new Note()), StatusCode.Cancelled);
        await Expect.FailureAsync(keptRequests!.MoveNext(), StatusCode.Cancelled);
        await Expect.FailureAsync(keptContext!.WriteResponseHeadersAsync([]), StatusCode.Cancelled);
    }

    [Test]
    public async Task Messages_WithBufferHint_ArriveWhenTheCallEndsAtTheLatest()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, _) =>
            {
                responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
                for (var i = 0; i < request.Number; i++)
                {
                    await responses.WriteAsync(new Note { Number = i });
                }
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note { Number = 20_000 });

        var numbers = new List<int>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).Guarded())
        {
            numbers.Add(call.ResponseStream.Current.Number);
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, 20_000)));
    }

    [Test]
    public async Task Message_BeyondTheServersLimits_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers { Unary = (r, _) => Task.FromResult(new Note { Data = ByteString.CopyFrom(new byte[r.Number]) }) },
            Grpc = o => (o.MaxReceiveMessageSize, o.MaxSendMessageSize) = (1000, 2000),
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        var received = await Expect.FailureAsync(client.UnaryAsync(Heavy).ResponseAsync, StatusCode.ResourceExhausted);
        var sent = await Expect.FailureAsync(client.UnaryAsync(new Note { Number = 3000 }).ResponseAsync, StatusCode.ResourceExhausted);

        Assert.That(received.Status.Detail, Does.Contain("received").And.Contain("1000"));
        Assert.That(sent.Status.Detail, Does.Contain("sending").And.Contain("2000"));
        Assert.That((await client.UnaryAsync(new Note { Number = 900 }).ResponseAsync.Guarded()).Data, Has.Length.EqualTo(900));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Message_BeyondTheSendLimitInAStream_FailsTheWriteAndNotWhatWentBefore()
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers
            {
                Download = async (_, responses, _) =>
                {
                    await responses.WriteAsync(new Note { Number = 1 });
                    await responses.WriteAsync(Heavy);
                },
            },
            Grpc = o => o.MaxSendMessageSize = 1000,
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.ResourceExhausted);
    }

    /// <summary>Awaits a write. One that nothing moves for a while is taken to be held back; how long that takes is not asserted.</summary>
    private static async Task NotingStallAsync(Task write, TaskCompletionSource waiting)
    {
        // That nothing happens has no event to await. No test asserts how long it takes.
        if (!write.IsCompleted && await Task.WhenAny(write, Task.Delay(500)) != write)
        {
            waiting.TrySetResult();
        }

        await write;
    }
}
