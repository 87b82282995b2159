using System.Globalization;
using System.Net;
using Grpc.Core;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>What came back over HTTP/2: the status as its headers or trailers tell it, and the bytes.</summary>
internal sealed record RawAnswer(
    HttpStatusCode Http, string? GrpcStatus, string? GrpcMessage, string? AcceptEncoding, byte[] Body)
{
    public void AssertStatus(StatusCode wanted)
    {
        Assert.That(Http, Is.EqualTo(HttpStatusCode.OK), "HTTP status");
        Assert.That(GrpcStatus, Is.EqualTo(((int)wanted).ToString(CultureInfo.InvariantCulture)), $"grpc-status ({GrpcMessage})");
        if (wanted != StatusCode.OK)
        {
            Assert.That(GrpcMessage, Is.Not.Null.And.Not.Empty, "an error says what is wrong");
        }
    }
}
