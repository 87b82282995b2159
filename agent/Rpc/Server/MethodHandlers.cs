// The four kinds of methods: what is read before the handler, what is written after it. All else they share.

using Cloudbr.Agent.Rpc.Protocol;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Cloudbr.Agent.Rpc.Server;

internal abstract class MethodHandler<TRequest, TResponse>(Method<TRequest, TResponse> method, CallSettings settings)
    where TRequest : class
    where TResponse : class
{
    protected Marshaller<TRequest> Requests => method.RequestMarshaller;

    protected Marshaller<TResponse> Responses => method.ResponseMarshaller;

    /// <summary>Routes match whatever the case of a path is; in gRPC another case is another method.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!string.Equals(http.Request.Path.Value, method.FullName, StringComparison.Ordinal))
        {
            return RequestCheck.Unimplemented(http);
        }

        return RequestCheck.IsGrpc(http) ? RunAsync(http) : Task.CompletedTask;
    }

    private async Task RunAsync(HttpContext http)
    {
        var call = new ServerCall(http, method, settings);
        try
        {
            call.Start();
            await HandleAsync(call).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            call.Fail(e);
        }
        finally
        {
            await call.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected abstract Task HandleAsync(ServerCall call);

    protected ValueTask<TRequest> ReadSingleAsync(ServerCall call) =>
        RequestStream<TRequest>.ReadSingleAsync(call.Http.Request.BodyReader, call.Decoder, Requests);

    protected RequestStream<TRequest> RequestsOf(ServerCall call) => new(call.Http.Request.BodyReader, call.Decoder, Requests, call);

    protected ResponseStream<TResponse> ResponsesOf(ServerCall call) => new(call, Responses);

    /// <summary>Puts the interceptors around a handler, the first one outermost.</summary>
    protected static THandler Wrap<THandler>(CallSettings settings, THandler handler, Func<THandler, Interceptor, THandler> wrap) =>
        settings.Interceptors.Reverse().Aggregate(handler, wrap);
}

internal sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, CallSettings settings, UnaryServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, settings)
    where TRequest : class
    where TResponse : class
{
    private readonly UnaryServerMethod<TRequest, TResponse> _handler = Wrap(
        settings, handler, static (inner, i) => (request, context) => i.UnaryServerHandler(request, context, inner));

    protected override async Task HandleAsync(ServerCall call)
    {
        var request = await ReadSingleAsync(call).ConfigureAwait(false);
        call.End(await _handler(request, call).ConfigureAwait(false), Responses);
    }
}

internal sealed class ClientStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, CallSettings settings, ClientStreamingServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, settings)
    where TRequest : class
    where TResponse : class
{
    private readonly ClientStreamingServerMethod<TRequest, TResponse> _handler = Wrap(
        settings, handler, static (inner, i) => (requests, context) => i.ClientStreamingServerHandler(requests, context, inner));

    protected override async Task HandleAsync(ServerCall call) =>
        call.End(await _handler(RequestsOf(call), call).ConfigureAwait(false), Responses);
}

internal sealed class ServerStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, CallSettings settings, ServerStreamingServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, settings)
    where TRequest : class
    where TResponse : class
{
    private readonly ServerStreamingServerMethod<TRequest, TResponse> _handler = Wrap(
        settings,
        handler,
        static (inner, i) => (request, responses, context) => i.ServerStreamingServerHandler(request, responses, context, inner));

    protected override async Task HandleAsync(ServerCall call)
    {
        var request = await ReadSingleAsync(call).ConfigureAwait(false);
        await _handler(request, ResponsesOf(call), call).ConfigureAwait(false);
        call.End();
    }
}

internal sealed class DuplexStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, CallSettings settings, DuplexStreamingServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, settings)
    where TRequest : class
    where TResponse : class
{
    private readonly DuplexStreamingServerMethod<TRequest, TResponse> _handler = Wrap(
        settings,
        handler,
        static (inner, i) => (requests, responses, context) => i.DuplexStreamingServerHandler(requests, responses, context, inner));

    protected override async Task HandleAsync(ServerCall call)
    {
        await _handler(RequestsOf(call), ResponsesOf(call), call).ConfigureAwait(false);
        call.End();
    }
}

/// <summary>What is no gRPC request is answered in plain HTTP.</summary>
internal static class RequestCheck
{
    public static bool IsGrpc(HttpContext http)
    {
        if (!GrpcHeaders.IsGrpcContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return false;
        }

        return true;
    }

    /// <summary>The answer to a path that no service has.</summary>
    public static Task Unimplemented(HttpContext http)
    {
        if (IsGrpc(http))
        {
            var headers = http.Response.Headers;
            headers.ContentType = GrpcHeaders.ContentType;
            headers.GrpcStatus = "12";
            headers.GrpcMessage = PercentEncoding.Encode($"{http.Request.Path} is not served here");
        }

        return Task.CompletedTask;
    }
}
