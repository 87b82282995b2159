using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>The part of a call that its handler sees. Made only when asked for.</summary>
internal sealed partial class ServerCall
{
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private Dictionary<object, object>? _userState;

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => _http.Request.Host.Value ?? "";

    protected override string PeerCore => PeerFacts.Address(_http.Connection);

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => _authContext ??= PeerFacts.Identity(_http.Connection);

    protected override IDictionary<object, object> UserStateCore => _userState ??= [];

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Hand the deadline and the cancellation token of this context on to the calls made for it.");

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (_gate)
        {
            if (Over is { } over)
            {
                return Task.FromException(over);
            }

            if (_headersSent)
            {
                return Task.FromException(new InvalidOperationException("The response headers have been sent already."));
            }

            if (responseHeaders.GetValue(GrpcHeaders.EncodingRequest) == GrpcHeaders.Gzip)
            {
                CompressResponses();
            }

            AddTo(_http.Response.Headers, responseHeaders);
            _headersSent = true;
            var flush = _http.Response.BodyWriter.FlushAsync();
            return flush.IsCompletedSuccessfully ? Task.CompletedTask : _write = flush.AsTask();
        }
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in _http.Request.Headers)
        {
            if (GrpcHeaders.IsTransportHeader(name) || !MetadataText.IsKey(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                if (value is not null && !MetadataText.TryAdd(metadata, name, value))
                {
                    throw new RpcException(new Status(StatusCode.Internal, $"the header '{name}' has a value that is not base64"));
                }
            }
        }

        return metadata;
    }
}
