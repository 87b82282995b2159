using Cloudbr.Agent.Rpc.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

public static class GrpcEndpointRouteBuilderExtensions
{
    private const string UnknownCall = "gRPC - unknown method";

    /// <summary>Serves the methods of <typeparamref name="TService"/>; every other path is answered UNIMPLEMENTED.</summary>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.ServiceProvider;
        var settings = services.GetService<CallSettings>()
            ?? throw new InvalidOperationException("gRPC is not set up: call AddGrpc on the services first.");
        var conventions = new List<IEndpointConventionBuilder>();
        var activate = services.GetRequiredService<ServiceLifetimes>().Activator<TService>(services);
        new ServiceBinder<TService>(builder, settings, activate, conventions).Bind();
        MapUnknown(builder);
        return new GrpcServiceEndpointConventionBuilder(conventions);
    }

    private static void MapUnknown(IEndpointRouteBuilder builder)
    {
        if (!builder.DataSources.SelectMany(s => s.Endpoints).Any(e => e.DisplayName == UnknownCall))
        {
            builder.MapPost("{**path}", RequestCheck.Unimplemented)
                .WithDisplayName(UnknownCall)
                .Add(e => ((RouteEndpointBuilder)e).Order = int.MaxValue);
        }
    }
}

/// <summary>Applies conventions, such as authorization, to every method of a service.</summary>
public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
{
    private readonly IReadOnlyList<IEndpointConventionBuilder> _methods;

    internal GrpcServiceEndpointConventionBuilder(IReadOnlyList<IEndpointConventionBuilder> methods) => _methods = methods;

    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (var method in _methods)
        {
            method.Add(convention);
        }
    }
}
