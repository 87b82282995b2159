using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>
/// Receives the methods of a service from its generated base and gives each a route. The generated code binds without an
/// instance; the handler is found by the method's name on the service, which may be made anew for each call.
/// </summary>
internal sealed class ServiceBinder<TService>(
    IEndpointRouteBuilder routes, CallSettings settings, Func<HttpContext, TService> activate, List<IEndpointConventionBuilder> conventions)
    : ServiceBinderBase
    where TService : class
{
    public void Bind()
    {
        var attribute = typeof(TService).GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)
            ?? throw new InvalidOperationException($"{typeof(TService)} does not derive from a generated service base.");
        var bind = attribute.BindType
            .GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(m => m.Name == attribute.BindMethodName && m.GetParameters() is [{ } first, _]
                && first.ParameterType == typeof(ServiceBinderBase));
        bind.Invoke(null, [this, null]);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(method);
        Map(method, new UnaryHandler<TRequest, TResponse>(
            method, settings, (request, context) => open(Service(context), request, context)).InvokeAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(method);
        Map(method, new ClientStreamingHandler<TRequest, TResponse>(
            method, settings, (requests, context) => open(Service(context), requests, context)).InvokeAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method);
        Map(method, new ServerStreamingHandler<TRequest, TResponse>(
            method, settings, (request, responses, context) => open(Service(context), request, responses, context)).InvokeAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method);
        Map(method, new DuplexStreamingHandler<TRequest, TResponse>(
            method, settings, (requests, responses, context) => open(Service(context), requests, responses, context)).InvokeAsync);
    }

    /// <summary>The service's method as a delegate whose first argument is the instance.</summary>
    private static TDelegate Open<TDelegate>(IMethod method)
        where TDelegate : Delegate
    {
        var parameters = typeof(TDelegate).GetMethod("Invoke")!.GetParameters();
        var info = typeof(TService).GetMethod(method.Name, [.. parameters.Skip(1).Select(p => p.ParameterType)])
            ?? throw new InvalidOperationException($"{typeof(TService)} has no method for {method.FullName}.");
        return info.CreateDelegate<TDelegate>();
    }

    private TService Service(ServerCallContext context) => activate(((ServerCall)context).Http);

    private void Map(IMethod method, RequestDelegate invoke) =>
        conventions.Add(routes.MapPost(method.FullName, invoke).WithDisplayName($"gRPC - {method.FullName}"));
}
