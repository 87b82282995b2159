using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>HTTP/2 requests that are no gRPC call, or one to nowhere, or one whose headers make no sense.</summary>
internal sealed class MalformedRequestTests : HostileTests
{
    private static readonly byte[] Body = RawClient.Frame(new SimpleRequest().ToByteArray());

    [TestCase("text/plain")]
    [TestCase("application/json")]
    [TestCase("application/grpcfoo")]
    [TestCase("application/grpc-web")]
    [TestCase(null)]
    public async Task Post_WrongContentType_Is415(string? contentType)
    {
        using var request = RawClient.Request(RawClient.UnaryCall, new ByteArrayContent(Body), contentType);
        var answer = await Raw.SendAsync(request);
        Assert.That(answer.Http, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("application/grpc")]
    [TestCase("application/grpc+proto")]
    [TestCase("application/grpc; charset=utf-8")]
    public async Task Post_GrpcContentType_IsAnswered(string contentType)
    {
        using var request = RawClient.Request(RawClient.UnaryCall, new ByteArrayContent(Body), contentType);
        (await Raw.SendAsync(request)).AssertStatus(StatusCode.OK);
    }

    [TestCase("/grpc.testing.TestService/NoSuchMethod")]
    [TestCase("/no.such.Service/Method")]
    [TestCase("/grpc.testing.TestService/")]
    [TestCase("/grpc.testing.TestService")]
    [TestCase("/grpc.testing.TestService/UnaryCall/more")]
    [TestCase("/")]
    public async Task Post_UnknownPath_IsUnimplemented(string path) =>
        (await Raw.SendAsync(path, Body)).AssertStatus(StatusCode.Unimplemented);

    [TestCase("GET")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    public async Task OtherMethods_AreRefusedByHttpStatus(string method)
    {
        using var request = RawClient.Request(RawClient.UnaryCall, body: null);
        request.Method = HttpMethod.Parse(method);
        var answer = await Raw.SendAsync(request);
        Assert.That((int)answer.Http, Is.InRange(400, 499));
    }

    [TestCase("soon")]
    [TestCase("5")]
    [TestCase("S")]
    [TestCase("-1S")]
    [TestCase("1x")]
    [TestCase("1234567890S")]
    public async Task UnaryCall_MalformedTimeout_EndsWithAStatus(string timeout)
    {
        var answer = await Raw.SendAsync(RawClient.UnaryCall, Body, ("grpc-timeout", timeout));
        Assert.That(answer.Http, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.GrpcStatus, Is.AnyOf("0", "3", "13"));
    }

    [Test]
    public async Task FullDuplexCall_ClientThatNeverEnds_IsEndedByItsDeadline()
    {
        // No client of gRPC is there to give up by itself: the status comes from the server.
        var never = new TaskCompletionSource();
        using var request = RawClient.Request(
            RawClient.FullDuplexCall, new OpenContent(never.Task), RawClient.GrpcContentType, ("grpc-timeout", "50m"));
        (await Raw.SendAsync(request)).AssertStatus(StatusCode.DeadlineExceeded);
        never.SetResult();
    }

    [TestCase("x-grpc-test-echo-trailing-bin", "not base64 !!")]
    [TestCase("x-anything-bin", "=")]
    public async Task UnaryCall_BinaryMetadataThatIsNotBase64_EndsWithAStatus(string name, string value)
    {
        var answer = await Raw.SendAsync(RawClient.UnaryCall, Body, (name, value));
        Assert.That(answer.Http, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.GrpcStatus, Is.AnyOf("0", "3", "13"));
    }
}
