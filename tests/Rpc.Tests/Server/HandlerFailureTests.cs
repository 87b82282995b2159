using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Rpc.Tests.Server;

internal sealed class HandlerFailureTests
{
    private const string Secret = "the secret is 42";

    [Test]
    public async Task Exception_InAHandler_IsLoggedOnceAndAnsweredInternalWithoutItsText()
    {
        // A write that has not returned when its call fails, fails with it.
        var written = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => throw new InvalidOperationException(Secret),
            Upload = async (requests, _) =>
            {
                await requests.MoveNext();
                await written.Task;
                throw new InvalidOperationException(Secret);
            },
            Download = async (request, responses, _) =>
            {
                await responses.WriteAsync(request);
                throw new InvalidOperationException(Secret);
            },
            Chat = (_, _, _) => throw new InvalidOperationException(Secret),
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        using var upload = client.Upload();
        await upload.RequestStream.WriteAsync(new Note()).Guarded();
        written.SetResult();
        using var download = client.Download(new Note());
        Assert.That(await download.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        using var chat = client.Chat();
        RpcException[] failures =
        [
            await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Internal),
            await Expect.FailureAsync(upload.ResponseAsync, StatusCode.Internal),
            await Expect.FailureAsync(download.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Internal),
            await Expect.FailureAsync(chat.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Internal),
        ];

        var entries = server.Log.Entries;
        Assert.That(entries, Has.Count.EqualTo(4));
        Assert.That(entries.Select(e => e.Level), Is.All.EqualTo(LogLevel.Error));
        Assert.That(entries.Select(e => e.Exception?.Message), Is.All.EqualTo(Secret));
        foreach (var failure in failures)
        {
            Assert.That(failure.Status.Detail, Does.Not.Contain("secret"));
            Assert.That(entries.Count(e => e.Text.Contains(CallIdIn(failure.Status.Detail), StringComparison.Ordinal)), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Exception_WithDetailedErrors_IsTold()
    {
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers { Unary = (_, _) => throw new InvalidOperationException(Secret) },
            Grpc = o => o.EnableDetailedErrors = true,
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Internal);

        Assert.That(failure.Status.Detail, Does.Contain(Secret));
    }

    [Test]
    public async Task Handler_ThatReturnsNoMessage_IsADefect()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => Task.FromResult<Note>(null!),
            Upload = (_, _) => Task.FromResult<Note>(null!),
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.Internal);
        await Expect.FailureAsync(client.Upload().ResponseAsync, StatusCode.Internal);

        Assert.That(server.Log.Entries, Has.Count.EqualTo(2));
        Assert.That(server.Log.Entries.Select(e => e.Exception?.Message), Is.All.Contains("null"));
    }

    [Test]
    public async Task Handler_ThatReturnsNoTask_IsADefect()
    {
        await using var server = await TestServer.StartAsync(new Handlers { Unary = (_, _) => null! });
        using var channel = server.Channel();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.Internal);

        Assert.That(server.Log.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Handler_ThatWritesNull_IsADefect()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = (_, responses, _) => responses.WriteAsync(null!),
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Internal);

        Assert.That(server.Log.Entries.Single().Exception, Is.TypeOf<ArgumentNullException>());
    }

    [Test]
    public async Task RpcException_FromAHandler_IsNoDefect()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "none")),
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.NotFound);

        Assert.That(failure.Status.Detail, Is.EqualTo("none"));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    private static string CallIdIn(string detail)
    {
        var words = detail.Split(' ');
        return words[Array.IndexOf(words, "call") + 1].TrimEnd(';');
    }
}
