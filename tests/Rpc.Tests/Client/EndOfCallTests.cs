using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>However a caller ends its call, each kind of call says so with the right status.</summary>
internal sealed class EndOfCallTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public enum Kind
    {
        Unary,
        Upload,
        Download,
        Chat,
    }

    public enum Ending
    {
        Deadline,
        Token,
        Dispose,
    }

    [Test]
    public async Task Call_EndedByItsCaller_HasTheRightStatus([Values] Kind kind, [Values] Ending ending)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var cancellation = new CancellationTokenSource();
        using var channel = server.Channel();
        var options = new CallOptions(
            cancellationToken: cancellation.Token,
            deadline: ending == Ending.Deadline ? DateTime.UtcNow.AddMilliseconds(100) : null);
        using var call = new AnyCall(new Steered.SteeredClient(channel), kind, options);

        switch (ending)
        {
            case Ending.Token:
                await _begun.Task.Guarded();
                await cancellation.CancelAsync();
                break;
            case Ending.Dispose:
                await _begun.Task.Guarded();
                call.Dispose();
                break;
        }

        var expected = ending == Ending.Deadline ? StatusCode.DeadlineExceeded : StatusCode.Cancelled;
        await Expect.FailureAsync(call.Result, expected);
        Assert.That(call.Status.StatusCode, Is.EqualTo(expected));
        Assert.That(call.Trailers, Is.Empty);
    }

    [Test]
    public async Task Call_WithADeadlineThatHasPassed_NeverReachesTheServer([Values] Kind kind)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var call = new AnyCall(
            new Steered.SteeredClient(channel), kind, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(-1)));

        await Expect.FailureAsync(call.Result, StatusCode.DeadlineExceeded);

        Assert.That(_begun.Task.IsCompleted, Is.False);
    }

    [Test]
    public async Task Call_WithATokenThatIsCancelled_NeverReachesTheServer([Values] Kind kind)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var call = new AnyCall(
            new Steered.SteeredClient(channel), kind, new CallOptions(cancellationToken: new CancellationToken(true)));

        await Expect.FailureAsync(call.Result, StatusCode.Cancelled);

        Assert.That(_begun.Task.IsCompleted, Is.False);
    }

    [Test]
    public async Task Call_WithTheFarthestDeadline_HasNone([Values] bool max)
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, context) => Task.FromResult(new Note { Number = context.Deadline > DateTime.UtcNow.AddYears(100) ? 1 : 0 }),
        });
        using var channel = server.Channel();
        var deadline = max ? DateTime.MaxValue : DateTime.UtcNow.AddYears(7000);

        var answer = await new Steered.SteeredClient(channel).UnaryAsync(new Note(), deadline: deadline).ResponseAsync.Guarded();

        Assert.That(answer.Number, Is.EqualTo(1));
    }

    [Test]
    public async Task StatusAndTrailers_BeforeTheEnd_AreAnError([Values] Kind kind)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var call = new AnyCall(new Steered.SteeredClient(channel), kind, default);
        await _begun.Task.Guarded();

        Assert.That(() => call.Status, Throws.InvalidOperationException);
        Assert.That(() => call.Trailers, Throws.InvalidOperationException);
    }

    [Test]
    public async Task Dispose_AfterTheEnd_ChangesNothing()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                context.ResponseTrailers.Add("t", "v");
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel();
        var call = new Steered.SteeredClient(channel).UnaryAsync(new Note());
        await call.ResponseAsync.Guarded();

        call.Dispose();
        call.Dispose();

        Assert.That(call.GetStatus(), Is.EqualTo(Status.DefaultSuccess));
        Assert.That(call.GetTrailers().GetValue("t"), Is.EqualTo("v"));
        Assert.That(await call.ResponseHeadersAsync.Guarded(), Is.Empty);
    }

    [Test]
    public async Task Token_OfOneReadOrWrite_EndsTheWholeCall([Values] bool write)
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var cancellation = new CancellationTokenSource();
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();
        await _begun.Task.Guarded();

        var operation = write
            ? WriteUntilItFailsAsync(call.RequestStream, cancellation.Token)
            : call.ResponseStream.MoveNext(cancellation.Token);
        await cancellation.CancelAsync();

        await Expect.FailureAsync(operation, StatusCode.Cancelled);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.Cancelled));
    }

    [Test]
    public async Task RequestStream_UsedWrongly_SaysSo()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();
        var heavy = new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[3_000_000]) };

        var first = call.RequestStream.WriteAsync(heavy);
        Assert.That(first.IsCompleted, Is.False);
        Assert.That(() => call.RequestStream.WriteAsync(heavy), Throws.InvalidOperationException);
        Assert.That(() => call.RequestStream.CompleteAsync(), Throws.InvalidOperationException);
        call.Dispose();
        await Expect.FailureAsync(first, StatusCode.Cancelled);
        await Expect.FailureAsync(call.RequestStream.WriteAsync(new Note()), StatusCode.Cancelled);

        using var complete = new Steered.SteeredClient(channel).Chat();
        await complete.RequestStream.CompleteAsync().Guarded();
        await complete.RequestStream.CompleteAsync().Guarded();
        Assert.That(() => complete.RequestStream.WriteAsync(new Note()), Throws.InvalidOperationException);
    }

    [Test]
    public async Task MoveNext_WhileAnotherIsUnderWay_IsAnError()
    {
        await using var server = await TestServer.StartAsync(Waiting());
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();

        var first = call.ResponseStream.MoveNext(CancellationToken.None);
        Assert.That(() => call.ResponseStream.MoveNext(CancellationToken.None), Throws.InvalidOperationException);
        call.Dispose();

        await Expect.FailureAsync(first, StatusCode.Cancelled);
    }

    [Test]
    public async Task Server_ThatEndsTheCallWhileItsCallerWrites_EndsTheWriting()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = (_, _, _) => throw new RpcException(new Status(StatusCode.Aborted, "enough")),
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();

        var writing = WriteUntilItFailsAsync(call.RequestStream, CancellationToken.None);
        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Aborted);

        Assert.That(() => writing.Guarded(), Throws.TypeOf<RpcException>());
        await Expect.FailureAsync(call.RequestStream.WriteAsync(new Note()), StatusCode.Aborted);
    }

    [Test]
    public async Task Server_ThatAnswersBeforeItHasReadEverything_EndsTheCallWell()
    {
        await using var server = await TestServer.StartAsync(new Handlers { Upload = (_, _) => Task.FromResult(new Note { Number = 4 }) });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);
        using var call = client.Upload();
        var writing = WriteUntilItFailsAsync(call.RequestStream, CancellationToken.None);

        Assert.That((await call.ResponseAsync.Guarded()).Number, Is.EqualTo(4));

        Assert.That(() => writing.Guarded(), Throws.TypeOf<RpcException>());
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
        Assert.That((await client.UnaryAsync(new Note { Number = 5 }).ResponseAsync.Guarded()).Number, Is.EqualTo(5));
    }

    [Test]
    public async Task Message_BeyondTheClientsLimits_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(new Handlers());
        using var channel = server.Channel(o => (o.MaxReceiveMessageSize, o.MaxSendMessageSize) = (1000, 2000));
        var client = new Steered.SteeredClient(channel);

        var sent = await Expect.FailureAsync(client.UnaryAsync(Sized(3000)).ResponseAsync, StatusCode.ResourceExhausted);
        var received = await Expect.FailureAsync(client.UnaryAsync(Sized(1500)).ResponseAsync, StatusCode.ResourceExhausted);
        using var upload = client.Upload();
        await Expect.FailureAsync(upload.RequestStream.WriteAsync(Sized(3000)), StatusCode.ResourceExhausted);
        await upload.RequestStream.WriteAsync(Sized(10)).Guarded();
        await upload.RequestStream.CompleteAsync().Guarded();

        Assert.That(sent.Status.Detail, Does.Contain("sending"));
        Assert.That(received.Status.Detail, Does.Contain("received"));
        Assert.That((await upload.ResponseAsync.Guarded()).Number, Is.EqualTo(1));
    }

    private static Note Sized(int bytes) => new() { Data = Google.Protobuf.ByteString.CopyFrom(new byte[bytes]) };

    private static async Task WriteUntilItFailsAsync(IClientStreamWriter<Note> requests, CancellationToken cancellation)
    {
        var note = Sized(100_000);
        while (true)
        {
            await requests.WriteAsync(note, cancellation);
        }
    }

    private Handlers Waiting() => new()
    {
        Unary = async (request, context) => await WaitAsync(context),
        Upload = async (requests, context) => await WaitAsync(context),
        Download = async (request, responses, context) => await WaitAsync(context),
        Chat = async (requests, responses, context) => await WaitAsync(context),
    };

    private async Task<Note> WaitAsync(ServerCallContext context)
    {
        _begun.TrySetResult();
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
        return new Note();
    }

    /// <summary>What the four kinds of calls have in common.</summary>
    private sealed class AnyCall : IDisposable
    {
        private readonly IDisposable _call;
        private readonly Func<Status> _status;
        private readonly Func<Metadata> _trailers;

        public AnyCall(Steered.SteeredClient client, Kind kind, CallOptions options)
        {
            switch (kind)
            {
                case Kind.Unary:
                    var unary = client.UnaryAsync(new Note(), options);
                    (_call, _status, _trailers, Result) = (unary, unary.GetStatus, unary.GetTrailers, unary.ResponseAsync);
                    break;
                case Kind.Upload:
                    var upload = client.Upload(options);
                    (_call, _status, _trailers, Result) = (upload, upload.GetStatus, upload.GetTrailers, upload.ResponseAsync);
                    break;
                case Kind.Download:
                    var download = client.Download(new Note(), options);
                    (_call, _status, _trailers, Result) =
                        (download, download.GetStatus, download.GetTrailers, download.ResponseStream.MoveNext(CancellationToken.None));
                    break;
                default:
                    var chat = client.Chat(options);
                    (_call, _status, _trailers, Result) =
                        (chat, chat.GetStatus, chat.GetTrailers, chat.ResponseStream.MoveNext(CancellationToken.None));
                    break;
            }
        }

        /// <summary>The response, or the first reading of one.</summary>
        public Task Result { get; }

        public Status Status => _status();

        public Metadata Trailers => _trailers();

        public void Dispose() => _call.Dispose();
    }
}
