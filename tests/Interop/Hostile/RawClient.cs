using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Cloudbr.Agent.Interop.Peers;

namespace Cloudbr.Agent.Interop.Hostile;

/// <summary>Sends over HTTP/2 whatever bytes and headers a test wants, as no gRPC library would.</summary>
internal sealed class RawClient : IDisposable
{
    public const string EmptyCall = "/grpc.testing.TestService/EmptyCall";
    public const string UnaryCall = "/grpc.testing.TestService/UnaryCall";
    public const string StreamingInputCall = "/grpc.testing.TestService/StreamingInputCall";
    public const string StreamingOutputCall = "/grpc.testing.TestService/StreamingOutputCall";
    public const string FullDuplexCall = "/grpc.testing.TestService/FullDuplexCall";
    public const string GrpcContentType = "application/grpc";

    private readonly HttpClient _http;

    public RawClient(ServerAddress server) =>
        _http = new HttpClient(OurClient.Handler(server, TestCertificates.Ca)) { BaseAddress = server.Uri };

    /// <summary>A message with its five bytes in front, which need not tell the truth.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> payload, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public static HttpRequestMessage Request(
        string path, HttpContent? body, string? contentType = GrpcContentType, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        if (contentType is not null && body is not null)
        {
            body.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public Task<RawAnswer> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(Request(path, new ByteArrayContent(body), GrpcContentType, headers));

    /// <summary>Sends a request and reads the answer to its end, trailers included.</summary>
    public async Task<RawAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        using var response = await _http.SendAsync(request, cancellationToken);
        return new RawAnswer(
            response.StatusCode,
            Trailer(response, "grpc-status"),
            Trailer(response, "grpc-message"),
            Trailer(response, "grpc-accept-encoding"),
            await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Sends a request and leaves the answer's body unread.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>From the trailers, or from the headers of an answer that has nothing else.</summary>
    private static string? Trailer(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.Single()
            : null;
}
