using Cloudbr.Agent.Rpc.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>Answers that no gRPC server should give, each ending in a status that says what was wrong.</summary>
internal sealed class ForeignAnswerTests
{
    private static readonly Note Hello = new() { Text = "hello" };
    private static readonly (string, string) Ok = ("grpc-status", "0");

    [TestCase(400, StatusCode.Internal)]
    [TestCase(401, StatusCode.Unauthenticated)]
    [TestCase(403, StatusCode.PermissionDenied)]
    [TestCase(404, StatusCode.Unimplemented)]
    [TestCase(429, StatusCode.Unavailable)]
    [TestCase(502, StatusCode.Unavailable)]
    [TestCase(503, StatusCode.Unavailable)]
    [TestCase(504, StatusCode.Unavailable)]
    [TestCase(500, StatusCode.Unknown)]
    [TestCase(418, StatusCode.Unknown)]
    public async Task HttpStatus_WithoutGrpc_IsMappedAndNamed(int http, StatusCode code)
    {
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("sorry");
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(Hello).ResponseAsync, code);

        Assert.That(failure.Status.Detail, Does.Contain($"{http}"));
    }

    [Test]
    public async Task Redirect_IsNotFollowed()
    {
        var requests = 0;
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            requests++;
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(Hello).ResponseAsync, StatusCode.Unknown);

        Assert.That(failure.Status.Detail, Does.Contain("302"));
        Assert.That(requests, Is.EqualTo(1));
    }

    [Test]
    public async Task Cookies_AreNotKept()
    {
        string? cookie = null;
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            cookie = context.Request.Headers.Cookie;
            context.Response.Headers.SetCookie = "a=b";
            return Task.CompletedTask;
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await Expect.FailureAsync(client.UnaryAsync(Hello).ResponseAsync, StatusCode.Unknown);
        await Expect.FailureAsync(client.UnaryAsync(Hello).ResponseAsync, StatusCode.Unknown);

        Assert.That(cookie, Is.Null);
    }

    [Test]
    public async Task OtherContentType_IsUnknownAndNamed([Values("text/plain", "application/grpc-web", null)] string? type)
    {
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync("hello");
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(Hello).ResponseAsync, StatusCode.Unknown);

        Assert.That(failure.Status.Detail, Does.Contain($"'{type}'"));
    }

    [Test]
    public async Task MissingStatus_IsInternal()
    {
        await using var server = await HandMadeServer.StartAsync(Frames.Of(Hello));
        await FailsAsync(server, StatusCode.Internal, "without a status");
    }

    [Test]
    public async Task StatusThatIsNoNumber_IsUnknown()
    {
        await using var server = await HandMadeServer.StartAsync(Frames.Of(Hello), ("grpc-status", "fine"));
        await FailsAsync(server, StatusCode.Unknown, "fine");
    }

    [Test]
    public async Task StatusInHeadersAlone_IsUnderstoodWithItsTrailers()
    {
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "9";
            context.Response.Headers["grpc-message"] = "not%20now";
            context.Response.Headers["t"] = "v";
            return Task.CompletedTask;
        });
        using var channel = server.Channel();

        var failure = await Expect.FailureAsync(
            new Steered.SteeredClient(channel).UnaryAsync(Hello).ResponseAsync, StatusCode.FailedPrecondition);

        Assert.That(failure.Status.Detail, Is.EqualTo("not now"));
        Assert.That(failure.Trailers.GetValue("t"), Is.EqualTo("v"));
    }

    [Test]
    public async Task OkWithoutAMessage_IsInternalWhereOneIsNeeded([Values] bool inHeaders)
    {
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            if (inHeaders)
            {
                context.Response.Headers["grpc-status"] = "0";
            }
            else
            {
                context.Response.AppendTrailer("grpc-status", "0");
            }

            return Task.CompletedTask;
        });
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        await Expect.FailureAsync(client.UnaryAsync(Hello).ResponseAsync, StatusCode.Internal);
        using var download = client.Download(Hello);
        Assert.That(await download.ResponseStream.MoveNext(CancellationToken.None).Guarded(), Is.False);
    }

    [Test]
    public async Task TwoMessages_AreInternalWhereOneIsTaken()
    {
        await using var server = await HandMadeServer.StartAsync([.. Frames.Of(Hello), .. Frames.Of(Hello)], Ok);
        using var channel = server.Channel();

        await Expect.FailureAsync(new Steered.SteeredClient(channel).UnaryAsync(Hello).ResponseAsync, StatusCode.Internal);
    }

    public static IEnumerable<TestCaseData> MalformedBodies()
    {
        (string Name, byte[] Body)[] bodies =
        [
            ("bad flag byte", [7, 0, 0, 0, 0]),
            ("half a header", [0, 0]),
            ("half a message", Frames.Of(Hello)[..^1]),
            ("no protobuf", Frames.Of([0xff, 0xff])),
            ("compressed without an encoding", Frames.Of(Frames.Gzipped(Hello.ToByteArray()), compressed: true)),
            ("noise", [9, .. Frames.Noise(200_000)]),
        ];
        return bodies.Select(b => new TestCaseData(b.Body).SetArgDisplayNames(b.Name));
    }

    [TestCaseSource(nameof(MalformedBodies))]
    public async Task MalformedBody_IsInternalAndTheChannelLivesOn(byte[] body)
    {
        await using var server = await HandMadeServer.StartAsync(body, Ok);
        await FailsAsync(server, StatusCode.Internal, "");
    }

    [Test]
    public async Task MessageBeyondTheLimit_IsResourceExhausted()
    {
        await using var server = await HandMadeServer.StartAsync(Frames.Header(uint.MaxValue), Ok);
        await FailsAsync(server, StatusCode.ResourceExhausted, "4294967295");
    }

    [Test]
    public async Task UnknownEncoding_IsInternalAndNamed()
    {
        await using var server = await HandMadeServer.StartAsync(context =>
        {
            context.Response.Headers["grpc-encoding"] = "snappy";
            context.Response.ContentType = "application/grpc";
            return context.Response.Body.WriteAsync(Frames.Of(Hello)).AsTask();
        });
        await FailsAsync(server, StatusCode.Internal, "snappy");
    }

    [Test]
    public async Task MessagesBeforeAnError_AreDelivered()
    {
        await using var server = await HandMadeServer.StartAsync(
            [.. Frames.Of(Hello), .. Frames.Of(Hello)], ("grpc-status", "10"), ("grpc-message", "stale"));
        using var channel = server.Channel();
        using var call = new Steered.SteeredClient(channel).Download(Hello);

        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None).Guarded());
        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Aborted);
        await Expect.FailureAsync(call.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Aborted);
    }

    [Test]
    public async Task HalfAMessageBeforeAnError_LeavesTheServersWord()
    {
        await using var server = await HandMadeServer.StartAsync(Frames.Of(Hello)[..^1], ("grpc-status", "10"), ("grpc-message", "stale"));
        await FailsAsync(server, StatusCode.Aborted, "stale");
    }

    [TestCase(0x7, StatusCode.Unavailable)]
    [TestCase(0x8, StatusCode.Cancelled)]
    [TestCase(0xb, StatusCode.ResourceExhausted)]
    [TestCase(0xc, StatusCode.PermissionDenied)]
    [TestCase(0x1, StatusCode.Internal)]
    [TestCase(0x2, StatusCode.Internal)]
    public async Task Reset_OfTheStream_IsMappedAsTheProtocolWants(int http2, StatusCode code)
    {
        await using var server = await HandMadeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResetFeature>()!.Reset(http2);
        });
        await FailsAsync(server, code, "");
    }

    /// <summary>Unary and streaming calls see the same failure, and see it on a channel that goes on.</summary>
    private static async Task FailsAsync(HandMadeServer server, StatusCode code, string words)
    {
        using var channel = server.Channel();
        var client = new Steered.SteeredClient(channel);

        var unary = await Expect.FailureAsync(client.UnaryAsync(Hello).ResponseAsync, code);
        using var call = client.Download(Hello);
        var streaming = await Expect.FailureAsync(ReadToTheEndAsync(call.ResponseStream), code);

        Assert.That(unary.Status.Detail, Does.Contain(words));
        Assert.That(streaming.Status.Detail, Does.Contain(words));
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(code));
    }

    private static async Task ReadToTheEndAsync(IAsyncStreamReader<Note> responses)
    {
        while (await responses.MoveNext(CancellationToken.None))
        {
        }
    }
}
