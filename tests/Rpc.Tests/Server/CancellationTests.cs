using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace Cloudbr.Agent.Rpc.Tests.Server;

/// <summary>A caller that goes away stops its handler, and troubles nobody else.</summary>
internal sealed class CancellationTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public enum Waiting
    {
        /// <summary>For the token of its context.</summary>
        ForToken,

        /// <summary>For the next request, without a token.</summary>
        ForRequest,

        /// <summary>For the caller to take what it wrote, without a token.</summary>
        ForReader,
    }

    public enum Leaving
    {
        Cancel,
        Dispose,
        Disconnect,
    }

    [Test]
    public async Task Caller_ThatLeaves_StopsTheHandlerAndIsNoDefect([Values] Waiting waiting, [Values] Leaving leaving)
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers
            {
                Chat = async (requests, responses, context) =>
                {
                    await responses.WriteAsync(new Note());
                    _begun.SetResult();
                    await WaitAsync(waiting, requests, responses, context);
                },
            },
            App = app =>
            {
                app.Use(async (context, next) =>
                {
                    await next(context);
                    _ended.SetResult();
                });
                app.MapGrpcService<SteeredService>();
            },
        });
        using var cancellation = new CancellationTokenSource();
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat(cancellationToken: cancellation.Token);
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        await _begun.Task.Guarded();

        switch (leaving)
        {
            case Leaving.Cancel:
                await cancellation.CancelAsync();
                break;
            case Leaving.Dispose:
                call.Dispose();
                break;
            default:
                channel.Dispose();
                call.Dispose();
                break;
        }

        await _ended.Task.Guarded();
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Token_OfTheContext_FiresWhenTheCallerLeavesWithADeadlineSet()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) =>
            {
                context.CancellationToken.Register(_ended.SetResult);
                _begun.SetResult();
                await _ended.Task;
                return request;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).UnaryAsync(new Note(), deadline: DateTime.UtcNow.AddHours(1));
        await _begun.Task.Guarded();

        call.Dispose();

        await _ended.Task.Guarded();
    }

    [Test]
    public async Task Handler_ThatIsCancelledByAnybodyButItsCaller_HasFailed()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => throw new OperationCanceledException("something inside took too long"),
        });
        using var channel = server.Channel();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Internal);

        Assert.That(server.Log.Entries.Single().Exception?.Message, Is.EqualTo("something inside took too long"));
    }

    [Test]
    public async Task Write_WithATokenThatIsCancelled_Throws()
    {
        Exception? thrown = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (_, responses, _) =>
            {
                using var cancellation = new CancellationTokenSource();
                var note = new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[1_000_000]) };
                var write = responses.WriteAsync(note, cancellation.Token);
                Assert.That(write.IsCompleted, Is.False);
                await cancellation.CancelAsync();
                try
                {
                    await write;
                }
                catch (Exception e)
                {
                    thrown = e;
                }

                _ended.SetResult();
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        await _ended.Task.Guarded();

        Assert.That(thrown, Is.InstanceOf<OperationCanceledException>());
    }

    private static async Task WaitAsync(
        Waiting waiting, IAsyncStreamReader<Note> requests, IServerStreamWriter<Note> responses, ServerCallContext context)
    {
        var note = new Note { Data = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) };
        while (true)
        {
            switch (waiting)
            {
                case Waiting.ForToken:
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    break;
                case Waiting.ForRequest:
                    await requests.MoveNext(CancellationToken.None);
                    break;
                default:
                    await responses.WriteAsync(note);
                    break;
            }
        }
    }
}
