using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>What a failure below gRPC means as a status.</summary>
internal static class TransportErrors
{
    /// <summary>Whether no connection could be made, so that the server has seen nothing of the call.</summary>
    public static bool IsNotConnected(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    public static Status StatusOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                var code = IsStreamReset(protocol) ? StatusOfReset(protocol.ErrorCode) : StatusCode.Unavailable;
                return new Status(code, protocol.Message, exception);
            }
        }

        return exception switch
        {
            HttpRequestException or IOException or ObjectDisposedException =>
                new Status(StatusCode.Unavailable, Innermost(exception), exception),

            // Not by its caller, since then the call has its status already: the transport gives up on sending in this way.
            OperationCanceledException => new Status(StatusCode.Unavailable, "the connection was lost while the call was sent", exception),
            _ => new Status(StatusCode.Internal, $"{exception.GetType().Name}: {exception.Message}", exception),
        };
    }

    public static StatusCode StatusOfHttp(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>grpc-status and grpc-message, if these headers or trailers have them.</summary>
    public static Status? StatusIn(HttpHeaders headers)
    {
        var raw = headers.NonValidated;
        if (!raw.TryGetValues(Protocol.GrpcHeaders.Status, out var code))
        {
            return null;
        }

        var message = raw.TryGetValues(Protocol.GrpcHeaders.Message, out var text) ? Protocol.PercentEncoding.Decode(text.ToString()) : "";
        return int.TryParse(code.ToString(), out var number) && Enum.IsDefined((StatusCode)number)
            ? new Status((StatusCode)number, message)
            : new Status(StatusCode.Unknown, $"the server answered with grpc-status '{code}', which gRPC does not have: {message}");
    }

    /// <summary>
    /// Whether the server reset the one stream. Otherwise the connection failed, be it that pings are not answered; the only
    /// difference is in the words.
    /// </summary>
    private static bool IsStreamReset(HttpProtocolException exception) => exception.Message.Contains("stream", StringComparison.Ordinal);

    // The mapping of HTTP/2 error codes that the gRPC protocol prescribes.
    private static StatusCode StatusOfReset(long http2Error) => http2Error switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };

    private static string Innermost(Exception exception)
    {
        var innermost = exception.GetBaseException();
        return exception.Message.Contains(innermost.Message, StringComparison.Ordinal) ? exception.Message : $"{exception.Message}: {innermost.Message}";
    }
}
