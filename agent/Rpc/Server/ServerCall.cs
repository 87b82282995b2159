using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>
/// One call on the server, from its headers to its status. The handler and the deadline both want to end it; whoever comes
/// first under the gate does, and the other finds it ended.
/// </summary>
internal sealed partial class ServerCall : ServerCallContext, IAsyncDisposable
{
    /// <summary>With BufferHint, so many bytes may wait for a flush.</summary>
    private const int BufferHintBytes = 32 * 1024;

    private readonly HttpContext _http;
    private readonly IMethod _method;
    private readonly CallSettings _settings;
    private readonly PipeEncoder _encoder;
    private readonly Lock _gate = new();

    private bool _compressResponses;
    private bool _headersSent;
    private volatile bool _ended;
    private Task? _write;

    public ServerCall(HttpContext http, IMethod method, CallSettings settings)
    {
        _http = http;
        _method = method;
        _settings = settings;
        _encoder = new PipeEncoder(http.Response.BodyWriter, settings.MaxSend);
        Decoder = new MessageDecoder(http.Request.Headers.GrpcEncoding, settings.MaxReceive);
    }

    public MessageDecoder Decoder { get; }

    public HttpContext Http => _http;

    /// <summary>Why nothing can be read or written any more; null while the call goes on.</summary>
    public RpcException? Over => _ended ? new RpcException(EndedStatus()) : null;

    /// <summary>Whether the request message read last came compressed.</summary>
    public bool LastMessageCompressed => Decoder.LastCompressed;

    /// <summary>What logs and INTERNAL answers name the call by.</summary>
    private string CallId => _http.TraceIdentifier;

    /// <summary>Reads the request's headers and starts the deadline. Throws the status of a call that cannot be taken.</summary>
    public void Start()
    {
        var headers = _http.Response.Headers;
        headers.ContentType = GrpcHeaders.ContentType;
        headers.GrpcAcceptEncoding = GrpcHeaders.AcceptedEncodings;

        if (_http.Request.Headers.GrpcEncoding is [{ } encoding] && encoding is not (GrpcHeaders.Identity or GrpcHeaders.Gzip))
        {
            throw new RpcException(new Status(
                StatusCode.Unimplemented, $"grpc-encoding '{encoding}' is not known here; accepted are {GrpcHeaders.AcceptedEncodings}"));
        }

        if (_settings.CompressResponses)
        {
            CompressResponses();
        }

        // Kestrel's limits are for bodies that should be short and quick; a stream is neither, and messages have limits of their own.
        var features = _http.Features;
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (_method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming
            && features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (_http.Request.Headers.GrpcTimeout is [{ } timeout])
        {
            StartDeadline(timeout);
        }
    }

    public Task WriteAsync<T>(T message, Marshaller<T> marshaller, WriteOptions? options, CancellationToken cancellationToken)
    {
        var flags = (options ?? WriteOptionsCore)?.Flags ?? default;
        lock (_gate)
        {
            if (Over is { } over)
            {
                return Task.FromException(over);
            }

            if (_write is { IsCompleted: false })
            {
                return Task.FromException(new InvalidOperationException("The previous write is still under way; await it first."));
            }

            try
            {
                Encode(message, marshaller, flags);
                if ((flags & WriteFlags.BufferHint) != 0 && _encoder.Unflushed < BufferHintBytes)
                {
                    return Task.CompletedTask;
                }

                _headersSent = true;
                _encoder.Unflushed = 0;
                var flush = _http.Response.BodyWriter.FlushAsync(cancellationToken);
                if (flush.IsCompletedSuccessfully)
                {
                    return flush.Result.IsCompleted ? Task.FromException(CallerGone()) : Task.CompletedTask;
                }

                // The transport's own task: whether the caller is gone by its end shows at the next write.
                return _write = flush.AsTask();
            }
            catch (Exception e)
            {
                return Task.FromException(e);
            }
        }
    }

    /// <summary>Ends the call with the handler's status and, where it is OK, its one response.</summary>
    public void End<T>(T response, Marshaller<T> marshaller)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (StatusCore.StatusCode == StatusCode.OK)
            {
                if (response is null)
                {
                    throw new InvalidOperationException($"The handler of {_method.FullName} returned null instead of a message.");
                }

                Encode(response, marshaller, WriteOptionsCore?.Flags ?? default);
            }

            _ended = true;
            WriteStatusAndTrailers(StatusCore);
        }
    }

    /// <summary>Ends a streaming call with the handler's status.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                WriteStatusAndTrailers(StatusCore);
            }
        }
    }

    /// <summary>Ends the call for an exception that came out of reading, the handler or writing.</summary>
    public void Fail(Exception exception)
    {
        lock (_gate)
        {
            if (_ended)
            {
                // The deadline answered already; what the handler says of its cancellation is of no interest, a defect is.
                if (exception is not (RpcException or OperationCanceledException or IOException))
                {
                    ServerLog.HandlerFailed(_settings.Log, exception, _method.FullName, CallId);
                }

                return;
            }

            _ended = true;
            WriteStatusAndTrailers(StatusOf(exception));
        }
    }

    /// <summary>After this the HTTP context may serve another call, so nothing of this one may still touch it.</summary>
    public ValueTask DisposeAsync()
    {
        Task? deadlineEnd;
        lock (_gate)
        {
            _ended = true;
            deadlineEnd = _deadlineEnd;
            Decoder.Dispose();
            _encoder.Dispose();
        }

        _deadlineTimer?.Dispose();
        return deadlineEnd is null && _cancellation is null ? ValueTask.CompletedTask : DisposeSlowlyAsync(deadlineEnd);
    }

    private async ValueTask DisposeSlowlyAsync(Task? deadlineEnd)
    {
        await (deadlineEnd ?? Task.CompletedTask).ConfigureAwait(false);
        _cancellation?.Dispose();
    }

    private void Encode<T>(T message, Marshaller<T> marshaller, WriteFlags flags) =>
        _encoder.Encode(message, marshaller, _compressResponses && (flags & WriteFlags.NoCompress) == 0);

    private static RpcException CallerGone() => new(new Status(StatusCode.Cancelled, "the caller went away"));

    private Status EndedStatus() => _deadlineEnd is null
        ? new Status(StatusCode.Cancelled, "the call has ended")
        : new Status(StatusCode.DeadlineExceeded, "the call's deadline has passed");

    /// <summary>Says how the call ended, with the trailers that the handler set.</summary>
    private void WriteStatusAndTrailers(Status status)
    {
        WriteStatus(status);
        if (_responseTrailers is { Count: > 0 } trailers)
        {
            AddTo(StatusTarget, trailers);
        }
    }

    /// <summary>With nothing sent yet, the status goes out in the only header block: "trailers-only".</summary>
    private IHeaderDictionary StatusTarget => _encoder.HasWritten || _headersSent
        ? _http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
        : _http.Response.Headers;

    /// <summary>Says, in the headers or the trailers, how the call ended. Nobody else writes to it once the call has ended.</summary>
    private void WriteStatus(Status status)
    {
        var target = StatusTarget;
        if (status.StatusCode == StatusCode.OK)
        {
            target.GrpcStatus = "0";
            return;
        }

        target.GrpcStatus = ((int)status.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
        {
            target.GrpcMessage = PercentEncoding.Encode(status.Detail);
        }
    }

    private Status StatusOf(Exception exception)
    {
        switch (exception)
        {
            case RpcException e:
                foreach (var entry in e.Trailers)
                {
                    ResponseTrailersCore.Add(entry);
                }

                ServerLog.Refused(_settings.Log, _method.FullName, CallId, e.Status.Detail);
                return e.Status;
            case CallerGoneException:
            case OperationCanceledException or IOException when _http.RequestAborted.IsCancellationRequested:
                ServerLog.CallerGone(_settings.Log, _method.FullName, CallId);
                return new Status(StatusCode.Cancelled, "the caller went away");
            case BadHttpRequestException e:
                ServerLog.Refused(_settings.Log, _method.FullName, CallId, e.Message);
                return new Status(StatusCode.Internal, e.Message);
            default:
                ServerLog.HandlerFailed(_settings.Log, exception, _method.FullName, CallId);
                return new Status(StatusCode.Internal, _settings.DetailedErrors
                    ? $"{_method.FullName} failed in call {CallId}: {exception.GetType().Name}: {exception.Message}"
                    : $"{_method.FullName} failed in call {CallId}; the server's log says more under this id");
        }
    }

    private void CompressResponses()
    {
        if (GrpcHeaders.Lists(_http.Request.Headers.GrpcAcceptEncoding, GrpcHeaders.Gzip))
        {
            _compressResponses = true;
            _http.Response.Headers.GrpcEncoding = GrpcHeaders.Gzip;
        }
    }

    private static void AddTo(IHeaderDictionary target, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (!GrpcHeaders.IsTransportHeader(entry.Key))
            {
                target.Append(entry.Key, MetadataText.ToHeader(entry));
            }
        }
    }
}
