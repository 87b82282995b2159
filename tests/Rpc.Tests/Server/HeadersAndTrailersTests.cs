using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Server;

internal sealed class HeadersAndTrailersTests
{
    private static readonly byte[] Binary = [0, 255, 10, 13, 44];

    [Test]
    public async Task RequestHeaders_TextAndBytes_ArriveAsTheyWereSent()
    {
        Metadata? seen = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                seen = context.RequestHeaders;
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel();
        var headers = new Metadata { { "x-text", "a, b" }, { "x-text", "c" }, { "x-data-bin", Binary }, { "x-data-bin", Array.Empty<byte>() } };

        await new Steered.SteeredClient(channel).UnaryAsync(new Note(), headers).ResponseAsync.Guarded();

        // HTTP lets those in between join the values of one text key.
        Assert.That(string.Join(", ", seen!.GetAll("x-text").Select(e => e.Value)), Is.EqualTo("a, b, c"));
        Assert.That(seen!.GetAll("x-data-bin").Select(e => e.ValueBytes), Is.EqualTo(new[] { Binary, [] }));
        Assert.That(seen!.Select(e => e.Key), Has.None.StartsWith(":").And.None.EqualTo("te").And.None.EqualTo("content-type"));
    }

    [Test]
    public async Task ResponseHeadersAndTrailers_TextAndBytes_ArriveAsTheyWereSent()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) =>
            {
                context.ResponseTrailers.Add("t-text", "end");
                context.ResponseTrailers.Add("t-data-bin", Binary);
                await context.WriteResponseHeadersAsync(new Metadata { { "h-text", "begin" }, { "h-data-bin", Binary } });
                return request;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).UnaryAsync(new Note());

        var headers = await call.ResponseHeadersAsync.Guarded();
        await call.ResponseAsync.Guarded();

        Assert.That(headers.GetValue("h-text"), Is.EqualTo("begin"));
        Assert.That(headers.GetValueBytes("h-data-bin"), Is.EqualTo(Binary));
        Assert.That(headers, Has.Count.EqualTo(2));
        Assert.That(call.GetTrailers().GetValue("t-text"), Is.EqualTo("end"));
        Assert.That(call.GetTrailers().GetValueBytes("t-data-bin"), Is.EqualTo(Binary));
        Assert.That(call.GetTrailers(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task WriteResponseHeaders_BeforeTheFirstMessage_ReachTheCallerAtOnce()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Chat = async (requests, responses, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "h", "early" } });
                await go.Task;
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Chat();

        var headers = await call.ResponseHeadersAsync.Guarded();
        go.SetResult();

        Assert.That(headers.GetValue("h"), Is.EqualTo("early"));
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
    }

    [Test]
    public async Task WriteResponseHeaders_Twice_IsAnError()
    {
        Exception? second = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = async (request, context) =>
            {
                await context.WriteResponseHeadersAsync([]);
                second = await Assert.CatchAsync(() => context.WriteResponseHeadersAsync([]));
                return request;
            },
        });
        using var channel = server.Channel();

        await new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync.Guarded();

        Assert.That(second, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task WriteResponseHeaders_AfterAMessage_IsAnError()
    {
        Exception? late = null;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, context) =>
            {
                await responses.WriteAsync(request);
                late = await Assert.CatchAsync(() => context.WriteResponseHeadersAsync([]));
            },
        });
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(new Note());

        while (await call.ResponseStream.MoveNext(CancellationToken.None).Guarded())
        {
        }

        Assert.That(late, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task Failure_BeforeAnyMessage_IsTrailersOnly()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "no port 7"), new Metadata { { "t", "v" } }),
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync("/cloudbr.rpc.tests.Steered/Unary", Frames.Of(new Note()));

        Assert.That(answer.Headers["grpc-status"], Is.EqualTo("5"));
        Assert.That(answer.Headers["grpc-message"], Is.EqualTo("no port 7"));
        Assert.That(answer.Headers["t"], Is.EqualTo("v"));
        Assert.That(answer.Body, Is.Empty);
        Assert.That(answer.Trailers, Is.Empty);
    }

    [Test]
    public async Task Failure_AfterAMessage_StandsInTheTrailers()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Download = async (request, responses, _) =>
            {
                await responses.WriteAsync(request);
                throw new RpcException(new Status(StatusCode.Aborted, "stale"));
            },
        });
        using var raw = server.Raw();

        var answer = await raw.PostAsync("/cloudbr.rpc.tests.Steered/Download", Frames.Of(new Note { Number = 3 }));

        Assert.That(answer.Trailers["grpc-status"], Is.EqualTo("10"));
        Assert.That(answer.Trailers["grpc-message"], Is.EqualTo("stale"));
        Assert.That(answer.Headers, Does.Not.ContainKey("grpc-status"));
        Assert.That(answer.Body, Is.EqualTo(Frames.Of(new Note { Number = 3 })));
    }

    [Test]
    public async Task Failure_MessageInAnyScript_ArrivesWhole()
    {
        const string Text = "größer als 100 %\r\n\t\U0001F980 – ende";
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, _) => throw new RpcException(new Status(StatusCode.OutOfRange, Text)),
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.OutOfRange);

        Assert.That(failure.Status.Detail, Is.EqualTo(Text));
    }

    [Test]
    public async Task Failure_StatusDetails_PassThroughTheTrailersOfTheException()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (_, context) =>
            {
                context.ResponseTrailers.Add("own", "1");
                throw new RpcException(
                    new Status(StatusCode.FailedPrecondition, "busy"), new Metadata { { "grpc-status-details-bin", Binary } });
            },
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(
            new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync, StatusCode.FailedPrecondition);

        Assert.That(failure.Trailers.GetValueBytes("grpc-status-details-bin"), Is.EqualTo(Binary));
        Assert.That(failure.Trailers.GetValue("own"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Status_SetOnTheContext_EndsTheCallWithIt()
    {
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                context.Status = new Status(StatusCode.AlreadyExists, "there");
                return Task.FromResult(request);
            },
            Download = async (request, responses, context) =>
            {
                await responses.WriteAsync(request);
                context.Status = new Status(StatusCode.DataLoss, "some");
            },
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await Expect.FailureAsync(client.UnaryAsync(new Note()).ResponseAsync, StatusCode.AlreadyExists);
        using var call = client.Download(new Note());
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.DataLoss);
        Assert.That(call.GetStatus().Detail, Is.EqualTo("some"));
    }

    [Test]
    public async Task Context_OfACall_NamesMethodHostAndPeer()
    {
        (string Method, string Host, string Peer) seen = default;
        await using var server = await TestServer.StartAsync(new Handlers
        {
            Unary = (request, context) =>
            {
                seen = (context.Method, context.Host, context.Peer);
                context.UserState["k"] = "v";
                Assert.That(context.UserState["k"], Is.EqualTo("v"));
                Assert.That(context.AuthContext.IsPeerAuthenticated, Is.False);
                return Task.FromResult(request);
            },
        });
        using var channel = server.Channel();

        await new Steered.SteeredClient(channel).WithHost("elsewhere.example:99").UnaryAsync(new Note()).ResponseAsync.Guarded();

        Assert.That(seen.Method, Is.EqualTo("/cloudbr.rpc.tests.Steered/Unary"));
        Assert.That(seen.Host, Is.EqualTo("elsewhere.example:99"));
        Assert.That(seen.Peer, Does.StartWith("ipv4:127.0.0.1:"));
    }

    [Test]
    public async Task Peer_OnAUnixSocket_HasNoAddress()
    {
        string? peer = null;
        await using var server = await TestServer.StartAsync(new ServerSetup
        {
            Handlers = new Handlers
            {
                Unary = (request, context) =>
                {
                    peer = context.Peer;
                    return Task.FromResult(request);
                },
            },
            Socket = TestServer.NewSocket(),
        });
        using var channel = server.Channel();

        await new Steered.SteeredClient(channel).UnaryAsync(new Note()).ResponseAsync.Guarded();

        Assert.That(peer, Is.EqualTo("unix:"));
    }
}
