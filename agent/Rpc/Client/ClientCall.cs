using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>
/// One call on the client, from its request to its status, whatever its kind: sending, deadline, cancellation, headers,
/// trailers. The first to say how the call ended is believed.
/// </summary>
internal sealed class ClientCall : IDisposable
{
    private const string UserAgent = "cloudbr-agent-rpc/1.0";

    private static readonly Version Http2 = HttpVersion.Version20;

    private readonly GrpcChannel _channel;
    private readonly IMethod _method;
    private readonly string? _host;
    private readonly CallOptions _options;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Lock _gate = new();

    private CancellationTokenRegistration _callerCancellation;
    private Timer? _deadlineTimer;
    private RequestContent? _content;
    private HttpResponseMessage? _response;
    private TaskCompletionSource<Metadata>? _headers;
    private Metadata? _trailers;
    private bool _statusInHeaders;
    private Status? _status;

    public ClientCall(GrpcChannel channel, IMethod method, string? host, CallOptions options)
    {
        _channel = channel;
        _method = method;
        _host = host;
        _options = options;
        Compress = options.Headers?.GetValue(GrpcHeaders.EncodingRequest) == GrpcHeaders.Gzip;
    }

    /// <summary>Whether the caller asked for compressed requests.</summary>
    public bool Compress { get; }

    public CancellationToken Cancellation => _cancellation.Token;

    public CallOptions Options => _options;

    /// <summary>The encoding that the server's messages come in.</summary>
    public string? ResponseEncoding { get; private set; }

    public Status? StatusIfEnded
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    public Status Status => StatusIfEnded ?? throw new InvalidOperationException("The call has no status yet; await its end first.");

    public Metadata Trailers
    {
        get
        {
            lock (_gate)
            {
                if (_status is null)
                {
                    throw new InvalidOperationException("The call has no trailers yet; await its end first.");
                }

                return _trailers ??= _response is null ? [] : MetadataOf(_statusInHeaders ? _response.Headers : _response.TrailingHeaders);
            }
        }
    }

    public Task<Metadata> HeadersAsync
    {
        get
        {
            lock (_gate)
            {
                if (_headers is null)
                {
                    _headers = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
                    SettleHeaders();
                }

                return _headers.Task;
            }
        }
    }

    /// <summary>Sends the request and returns the body of the response, or null where the headers hold the status already.</summary>
    public async Task<Stream?> SendAsync(RequestContent content)
    {
        _content = content;
        try
        {
            Arm();
            var metadata = _channel.CallCredentials is null && _options.Credentials is null
                ? _options.Headers
                : await WithCredentialsAsync().ConfigureAwait(false);
            var response = await ConnectAndSendAsync(content, metadata).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK || !GrpcHeaders.IsGrpcContentType(ContentTypeOf(response)))
            {
                throw new RpcException(NotGrpc(response));
            }

            bool ended;
            lock (_gate)
            {
                ended = _status is not null;
                _response = response;
                _statusInHeaders = response.Headers.NonValidated.Contains(GrpcHeaders.Status);
                if (_headers is not null)
                {
                    SettleHeaders();
                }
            }

            if (ended || _statusInHeaders)
            {
                // Whoever ended the call could not let go of a response that had not come yet; and after a status nothing counts.
                response.Dispose();
                return null;
            }

            ResponseEncoding = EncodingOf(response);
            return await response.Content.ReadAsStreamAsync(Cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Fail(e);
        }
    }

    /// <summary>
    /// The body has ended, so the call's status is what the trailers say, unless they say OK and the body had a
    /// <paramref name="defect"/>.
    /// </summary>
    public Status EndWithTrailers(string? defect)
    {
        var status = TransportErrors.StatusIn(_statusInHeaders ? _response!.Headers : _response!.TrailingHeaders)
            ?? new Status(StatusCode.Internal, "the server ended the call without a status");
        return End(status.StatusCode == StatusCode.OK && defect is not null ? new Status(StatusCode.Internal, defect) : status);
    }

    /// <summary>Ends the call for an exception, unless it has ended, and returns what the caller shall see.</summary>
    public RpcException Fail(Exception exception) => Exception(End(exception switch
    {
        RpcException e => e.Status,
        _ => TransportErrors.StatusOf(exception),
    }));

    public RpcException Exception(Status status) => new(status, Trailers);

    /// <summary>Ends the call, unless it has ended, and lets go of everything it held.</summary>
    public Status End(Status status)
    {
        lock (_gate)
        {
            if (_status is { } first)
            {
                return first;
            }

            _status = status;
            if (_headers is not null)
            {
                SettleHeaders();
            }
        }

        _deadlineTimer?.Dispose();
        _callerCancellation.Unregister();
        _content?.CallEnded();
        if (status.StatusCode != StatusCode.OK || _content is StreamingContent { IsComplete: false })
        {
            // Resets the stream, should the server still think that the call goes on, and ends a write that it no longer takes.
            _cancellation.Cancel();
            _response?.Dispose();
        }

        return status;
    }

    public void Dispose() => End(new Status(StatusCode.Cancelled, "the call was disposed of"));

    private void Arm()
    {
        if (_options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var left = deadline.ToUniversalTime() - DateTime.UtcNow;
            if (left <= TimeSpan.Zero)
            {
                throw new RpcException(new Status(StatusCode.DeadlineExceeded, "the deadline had passed before the call was made"));
            }

            if (left <= GrpcTimeout.Longest)
            {
                _deadlineTimer = new Timer(
                    static call => ((ClientCall)call!).End(new Status(StatusCode.DeadlineExceeded, "the call's deadline has passed")),
                    this,
                    left,
                    Timeout.InfiniteTimeSpan);
            }
        }

        if (_options.CancellationToken.CanBeCanceled)
        {
            _callerCancellation = _options.CancellationToken.UnsafeRegister(
                static call => ((ClientCall)call!).End(new Status(StatusCode.Cancelled, "the call was cancelled by its caller")), this);
            if (StatusIfEnded is not null)
            {
                // The deadline was quicker, and found nothing to unregister.
                _callerCancellation.Unregister();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> ConnectAndSendAsync(RequestContent content, Metadata? metadata)
    {
        while (true)
        {
            var backoff = _channel.Backoff;
            if (backoff.Remaining is var pause && pause > TimeSpan.Zero)
            {
                if (!_options.IsWaitForReady)
                {
                    throw new RpcException(backoff.Status());
                }

                await Task.Delay(pause, Cancellation).ConfigureAwait(false);
            }

            var attempt = backoff.Attempt;
            try
            {
                var response = await _channel.Invoker.SendAsync(Request(content, metadata), Cancellation).ConfigureAwait(false);
                backoff.Succeeded();
                return response;
            }
            catch (HttpRequestException e) when (TransportErrors.IsNotConnected(e))
            {
                backoff.Failed(attempt, e.GetBaseException());
                if (!_options.IsWaitForReady)
                {
                    throw;
                }
            }
        }
    }

    private HttpRequestMessage Request(RequestContent content, Metadata? metadata)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _channel.UriOf(_method))
        {
            Version = Http2,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        headers.Host = _host;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", UserAgent);
        headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.AcceptedEncodings);
        if (Compress)
        {
            headers.TryAddWithoutValidation(GrpcHeaders.Encoding, GrpcHeaders.Gzip);
        }

        if (_options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(deadline.ToUniversalTime() - DateTime.UtcNow));
        }

        foreach (var entry in metadata ?? Metadata.Empty)
        {
            if (!GrpcHeaders.IsTransportHeader(entry.Key))
            {
                headers.TryAddWithoutValidation(entry.Key, MetadataText.ToHeader(entry));
            }
        }

        return request;
    }

    private async Task<Metadata> WithCredentialsAsync()
    {
        if (!_channel.SendsCallCredentials)
        {
            throw new RpcException(new Status(
                StatusCode.Internal, "call credentials are sent over TLS only; the channel's address is not https"));
        }

        var metadata = new Metadata();
        foreach (var entry in _options.Headers ?? Metadata.Empty)
        {
            metadata.Add(entry);
        }

        var context = new AuthInterceptorContext($"https://{_channel.Target}/{_method.ServiceName}", _method.Name);
        foreach (var credentials in new[] { _channel.CallCredentials, _options.Credentials })
        {
            if (credentials is not null)
            {
                await credentials.AddToAsync(context, metadata).WaitAsync(Cancellation).ConfigureAwait(false);
            }
        }

        return metadata;
    }

    /// <summary>Completes the headers' task if it can be by now. The caller holds the gate.</summary>
    private void SettleHeaders()
    {
        if (_response is not null)
        {
            _headers!.TrySetResult(_statusInHeaders ? [] : MetadataOf(_response.Headers));
        }
        else if (_status is { } status)
        {
            _headers!.TrySetException(new RpcException(status));

            // Nobody has to await the headers of a call that failed.
            _ = _headers.Task.Exception;
        }
    }

    private static Status NotGrpc(HttpResponseMessage response)
    {
        var (code, type) = (response.StatusCode, ContentTypeOf(response));
        response.Dispose();
        return code == HttpStatusCode.OK
            ? new Status(StatusCode.Unknown, $"the server answered with content-type '{type}', which is not gRPC")
            : new Status(TransportErrors.StatusOfHttp(code), $"the server answered with HTTP status {(int)code}");
    }

    private static string? ContentTypeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("content-type", out var type) ? type.ToString() : null;

    private static string? EncodingOf(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues(GrpcHeaders.Encoding, out var values))
        {
            return null;
        }

        var encoding = values.ToString();
        return encoding is GrpcHeaders.Identity or GrpcHeaders.Gzip
            ? encoding
            : throw new RpcException(new Status(
                StatusCode.Internal, $"the server compresses with '{encoding}'; accepted are {GrpcHeaders.AcceptedEncodings}"));
    }

    private static Metadata MetadataOf(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (GrpcHeaders.IsTransportHeader(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                // A value that cannot be read is left out: it must not turn a call that went well into a failure.
                MetadataText.TryAdd(metadata, name, value);
            }
        }

        return metadata;
    }
}
