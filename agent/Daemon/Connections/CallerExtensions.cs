using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cloudbr.Agent.Daemon.Connections;

internal static class CallerExtensions
{
    /// <summary>Who makes this call, by the identity of its connection; empty if its endpoint does not tell.</summary>
    public static string GetCaller(this ServerCallContext context) => context.GetHttpContext().Features.Get<Caller>()?.Identity ?? "";

    /// <summary>Works out who each connection is of, and counts it as long as it lasts. To be used after TLS, which knows the certificate.</summary>
    public static void UseCallers(this ListenOptions listen, ConnectionTracker connections) => listen.Use(next => connection =>
        ServeAsync(next, connection, connections));

    private static async Task ServeAsync(ConnectionDelegate next, ConnectionContext connection, ConnectionTracker connections)
    {
        var caller = Caller.Of(connection);
        connection.Features.Set(caller);
        using (connections.Open(caller.Identity))
        {
            await next(connection);
        }
    }
}
