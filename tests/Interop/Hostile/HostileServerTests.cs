using System.IO.Compression;
using Cloudbr.Agent.Interop.Cases;
using Cloudbr.Agent.Interop.Peers;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>
/// A server that does not keep to the rules: our client ends each call with the status that the protocol prescribes, and makes
/// the next call on the same channel as if nothing had been.
/// </summary>
internal sealed class HostileServerTests
{
    private static readonly byte[] Response = RawClient.Frame(new SimpleResponse { Payload = Message.Zeros(10) }.ToByteArray());
    private static readonly (string, string) Ok = ("grpc-status", "0");

    private HostileServer _server = null!;
    private GrpcChannel _channel = null!;
    private TestService.TestServiceClient _client = null!;
    private RequestDelegate _answer = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await HostileServer.StartAsync(http => _answer(http));
        _channel = OurClient.Open(_server.Address);
        _client = new TestService.TestServiceClient(_channel);
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        _channel?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TearDown]
    public async Task ClientStillCallsAsync()
    {
        _answer = http => HostileServer.AnswerAsync(http, Response, Ok);
        var response = await _client.UnaryCallAsync(new SimpleRequest(), OurClient.Options());
        Assert.That(response.Payload.Body, Has.Length.EqualTo(10));
    }

    [TestCase(400, StatusCode.Internal)]
    [TestCase(401, StatusCode.Unauthenticated)]
    [TestCase(403, StatusCode.PermissionDenied)]
    [TestCase(404, StatusCode.Unimplemented)]
    [TestCase(429, StatusCode.Unavailable)]
    [TestCase(500, StatusCode.Unknown)]
    [TestCase(502, StatusCode.Unavailable)]
    [TestCase(503, StatusCode.Unavailable)]
    [TestCase(504, StatusCode.Unavailable)]
    [TestCase(418, StatusCode.Unknown)]
    public async Task HttpStatus_BecomesAStatus(int http, StatusCode code)
    {
        _answer = context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        };
        await AssertBothAsync(code);
    }

    [Test]
    public async Task WebPage_IsUnknown()
    {
        _answer = http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<p>It works!</p>");
        };
        await AssertBothAsync(StatusCode.Unknown);
    }

    [TestCase("99")]
    [TestCase("-1")]
    [TestCase("none")]
    public async Task StatusThatIsNone_IsUnknown(string status)
    {
        _answer = http => HostileServer.AnswerAsync(http, Response, ("grpc-status", status));
        await Message.AssertStatusAsync(Unary, StatusCode.Unknown);
    }

    [TestCase("%", "%")]
    [TestCase("100%25 %zz%e2%98", "100% %zz\ufffd")]
    public async Task MessageThatIsNotPercentEncoded_IsReadAsFarAsItCan(string sent, string read)
    {
        _answer = http => HostileServer.AnswerAsync(http, [], ("grpc-status", "5"), ("grpc-message", sent));
        await Message.AssertStatusAsync(Unary, StatusCode.NotFound, read);
    }

    [Test]
    public async Task NoStatus_IsAnError()
    {
        _answer = http => HostileServer.AnswerAsync(http, Response);
        await AssertBothAsync(StatusCode.Internal);
    }

    [Test]
    public async Task OkWithoutMessage_OfUnaryCall_IsInternal()
    {
        _answer = http => HostileServer.AnswerAsync(http, [], Ok);
        await Message.AssertStatusAsync(Unary, StatusCode.Internal);
    }

    [Test]
    public async Task OkInHeadersWithoutMessage_OfUnaryCall_IsInternal()
    {
        _answer = http =>
        {
            http.Response.ContentType = RawClient.GrpcContentType;
            http.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        };
        await Message.AssertStatusAsync(Unary, StatusCode.Internal);
    }

    [Test]
    public async Task TwoMessages_OfUnaryCall_IsInternal()
    {
        _answer = http => HostileServer.AnswerAsync(http, [.. Response, .. Response], Ok);
        await Message.AssertStatusAsync(Unary, StatusCode.Internal);
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(6)]
    public async Task MessageThatEndsEarly_IsInternal(int bytes)
    {
        _answer = http => HostileServer.AnswerAsync(http, Response[..bytes], Ok);
        await AssertBothAsync(StatusCode.Internal);
    }

    [Test]
    public async Task MessageThatEndsEarly_WithAnErrorStatus_IsThatStatus()
    {
        _answer = http => HostileServer.AnswerAsync(http, Response[..6], ("grpc-status", "9"));
        await AssertBothAsync(StatusCode.FailedPrecondition);
    }

    [TestCase((4u << 20) + 1)]
    [TestCase((uint)int.MaxValue + 1)]
    [TestCase(uint.MaxValue)]
    public async Task MessageThatPromisesTooMuch_IsResourceExhausted(uint length)
    {
        _answer = http => HostileServer.AnswerAsync(http, RawClient.Frame(new byte[100], length: length), Ok);
        await AssertBothAsync(StatusCode.ResourceExhausted);
    }

    [Test]
    public async Task UnknownFlag_IsInternal()
    {
        _answer = http => HostileServer.AnswerAsync(http, RawClient.Frame([], flag: 2), Ok);
        await AssertBothAsync(StatusCode.Internal);
    }

    [Test]
    public async Task BytesThatAreNoMessage_AreInternal()
    {
        _answer = http => HostileServer.AnswerAsync(http, RawClient.Frame([0xff, 0xff, 0xff]), Ok);
        await AssertBothAsync(StatusCode.Internal);
    }

    [TestCase(null)]
    [TestCase("identity")]
    [TestCase("made-up")]
    [TestCase("gzip")]
    public async Task CompressedMessageThatIsNone_IsInternal(string? encoding)
    {
        _answer = http =>
        {
            if (encoding is not null)
            {
                http.Response.Headers["grpc-encoding"] = encoding;
            }

            return HostileServer.AnswerAsync(http, RawClient.Frame([1, 2, 3], flag: 1), Ok);
        };
        await AssertBothAsync(StatusCode.Internal);
    }

    [Test]
    public async Task DecompressionBomb_IsResourceExhausted()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await new ZeroStream(1 << 28).CopyToAsync(gzip);
        }

        _answer = http =>
        {
            http.Response.Headers["grpc-encoding"] = "gzip";
            return HostileServer.AnswerAsync(http, RawClient.Frame(packed.ToArray(), flag: 1), Ok);
        };
        await AssertBothAsync(StatusCode.ResourceExhausted);
    }

    [TestCase(0x2, StatusCode.Internal)]
    [TestCase(0x7, StatusCode.Unavailable)]
    [TestCase(0x8, StatusCode.Cancelled)]
    [TestCase(0xb, StatusCode.ResourceExhausted)]
    [TestCase(0xc, StatusCode.PermissionDenied)]
    public async Task Reset_BecomesAStatus(int http2Error, StatusCode code)
    {
        _answer = async http =>
        {
            await HostileServer.AnswerAsync(http, Response[..6]);
            http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(http2Error);
        };
        await AssertBothAsync(code);
    }

    [Test]
    public async Task LostConnection_IsUnavailable()
    {
        _answer = async http =>
        {
            await HostileServer.AnswerAsync(http, Response[..6]);
            http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        };
        await AssertBothAsync(StatusCode.Unavailable);
    }

    [Test]
    public async Task Silence_IsDeadlineExceeded()
    {
        _answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        var soon = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(100));
        await Message.AssertStatusAsync(
            () => _client.UnaryCallAsync(new SimpleRequest(), soon).ResponseAsync, StatusCode.DeadlineExceeded);
    }

    private Task Unary() => _client.UnaryCallAsync(new SimpleRequest(), OurClient.Options()).ResponseAsync;

    private async Task StreamAsync()
    {
        using var call = _client.StreamingOutputCall(new StreamingOutputCallRequest(), OurClient.Options());
        while (await call.ResponseStream.MoveNext())
        {
        }
    }

    /// <summary>A unary call and a stream end with the same status.</summary>
    private async Task AssertBothAsync(StatusCode code)
    {
        await Message.AssertStatusAsync(Unary, code);
        await Message.AssertStatusAsync(StreamAsync, code);
    }
}
