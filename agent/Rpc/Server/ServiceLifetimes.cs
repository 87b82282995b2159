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
                return http => create(http.RequestServices, []);
            default:
                return http => http.RequestServices.GetRequiredService<TService>();
        }
    }
}
