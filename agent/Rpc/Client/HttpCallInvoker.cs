using Cloudbr.Agent.Rpc.Framing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Rpc.Client;

/// <summary>Makes the four kinds of calls over HTTP/2.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    private static readonly Func<object, Task<Metadata>> Headers = static call => ((ClientCall)call).HeadersAsync;
    private static readonly Func<object, Status> StatusOf = static call => ((ClientCall)call).Status;
    private static readonly Func<object, Metadata> Trailers = static call => ((ClientCall)call).Trailers;
    private static readonly Action<object> Dispose = static call => ((ClientCall)call).Dispose();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall(channel, method, host, options);
        var response = SingleAsync(call, SendAsync(call, method, request), method.ResponseMarshaller);
        return new AsyncUnaryCall<TResponse>(response, Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall(channel, method, host, options);
        var responses = ResponsesOf(call, SendAsync(call, method, request), method.ResponseMarshaller);
        return new AsyncServerStreamingCall<TResponse>(responses, Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new ClientCall(channel, method, host, options);
        var content = new StreamingContent();
        var response = SingleAsync(call, call.SendAsync(content), method.ResponseMarshaller);
        var requests = new RequestStream<TRequest>(call, content, method.RequestMarshaller, channel.MaxSend);
        return new AsyncClientStreamingCall<TRequest, TResponse>(requests, response, Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new ClientCall(channel, method, host, options);
        var content = new StreamingContent();
        var responses = ResponsesOf(call, call.SendAsync(content), method.ResponseMarshaller);
        var requests = new RequestStream<TRequest>(call, content, method.RequestMarshaller, channel.MaxSend);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(requests, responses, Headers, StatusOf, Trailers, Dispose, call);
    }

    private Task<Stream?> SendAsync<TRequest, TResponse>(ClientCall call, Method<TRequest, TResponse> method, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(request);
        var encoder = new BufferedEncoder(channel.MaxSend);
        var content = new SingleContent(encoder);
        try
        {
            var noCompress = ((call.Options.WriteOptions?.Flags ?? default) & WriteFlags.NoCompress) != 0;
            encoder.Encode(request, method.RequestMarshaller, call.Compress && !noCompress);
        }
        catch (Exception e)
        {
            content.CallEnded();
            return Task.FromException<Stream?>(call.Fail(e));
        }

        return call.SendAsync(content);
    }

    private ResponseStream<T> ResponsesOf<T>(ClientCall call, Task<Stream?> body, Marshaller<T> marshaller)
        where T : class
    {
        // Who only writes, or disposes of the call, need not have looked at how the sending failed.
        _ = body.ContinueWith(
            static t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return new ResponseStream<T>(call, body, marshaller, channel.MaxReceive);
    }

    private async Task<T> SingleAsync<T>(ClientCall call, Task<Stream?> sending, Marshaller<T> marshaller)
        where T : class
    {
        using var buffer = new ReceiveBuffer(channel.MaxReceive);
        MessageDecoder? decoder = null;
        try
        {
            T? message = null;
            var body = await sending.ConfigureAwait(false);
            while (body is not null)
            {
                var read = await body.ReadAsync(buffer.Space(), call.Cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                buffer.Filled(read);
                if (message is null && buffer.TryTake(out var frame))
                {
                    decoder = new MessageDecoder(call.ResponseEncoding, channel.MaxReceive);
                    message = decoder.Decode(frame, marshaller);
                }

                if (message is not null && !buffer.IsEmpty)
                {
                    throw FrameException.Malformed("the server sent more than the one message of this call");
                }
            }

            var defect = message is not null ? null
                : buffer.IsEmpty ? "the server ended the call without its message"
                : "the server ended the call in the middle of its message";
            var status = call.EndWithTrailers(defect);
            return status.StatusCode == StatusCode.OK ? message! : throw call.Exception(status);
        }
        catch (Exception e)
        {
            throw call.Fail(e);
        }
        finally
        {
            decoder?.Dispose();
        }
    }
}
