using System.Collections.Concurrent;

namespace Cloudbr.Agent.Interop.Peers;

public enum ServerKind
{
    Ours,
    Grpcio,
}

/// <summary>The servers of this run: one of each kind and transport, started when first asked for and shared by all clients.</summary>
internal static class Servers
{
    private static readonly ConcurrentDictionary<(ServerKind Kind, Transport Transport), Lazy<Task<RunningServer>>> Started = new();

    public static Task<RunningServer> GetAsync(ServerKind kind, Transport transport) =>
        Started.GetOrAdd((kind, transport), key => new(() => StartAsync(key.Kind, key.Transport))).Value;

    /// <summary>A server for one fixture alone, which stops it.</summary>
    public static Task<RunningServer> StartAsync(ServerKind kind, Transport transport)
    {
        string[] where = transport == Transport.Unix
            ? ["--unix", Workspace.Temporary($"{kind}-{Guid.NewGuid():N}"[..12])]
            : ["--port", "0"];
        string[] tls = transport switch
        {
            Transport.Tls => ["--tls", TestCertificates.Server, TestCertificates.ServerKey],
            Transport.MutualTls =>
                ["--tls", TestCertificates.Server, TestCertificates.ServerKey, "--client-ca", TestCertificates.Ca],
            _ => [],
        };
        var (program, arguments) = kind == ServerKind.Ours ? InteropServer.Command : Grpcio.ServerCommand;
        return RunningServer.StartAsync(program, [.. arguments, .. where, .. tls], transport);
    }

    public static async Task StopAllAsync()
    {
        foreach (var server in Started.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
