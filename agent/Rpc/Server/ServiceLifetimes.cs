using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cloudbr.Agent.Rpc.Server;

/// <summary>Answers where the instance of a service comes from: once where it is a singleton, else once per call.</summary>
internal sealed class ServiceLifetimes(IServiceCollection services)
{
    public Func<HttpContext, TService> Activator<TService>(IServiceProvider provider)
        where TService : class
    {
        // The last registration is the one that a provider returns.
        switch (services.LastOrDefault(d => d.ServiceType == typeof(TService))?.Lifetime)
        {
            case ServiceLifetime.Singleton:
                var singleton = provider.GetRequiredService<TService>();
                return _ => singleton;
            case null:
                var create = ActivatorUtilities.CreateFactory<TService>([]);
                return http => DisposedWith(http, create(http.RequestServices, []));
            default:
                return http => http.RequestServices.GetRequiredService<TService>();
        }
    }

    /// <summary>No container knows of this instance, so its call takes it along.</summary>
    private static TService DisposedWith<TService>(HttpContext http, TService service)
    {
        switch (service)
        {
            case IAsyncDisposable disposable:
                http.Response.RegisterForDisposeAsync(disposable);
                break;
            case IDisposable disposable:
                http.Response.RegisterForDispose(disposable);
                break;
        }

        return service;
    }
}
