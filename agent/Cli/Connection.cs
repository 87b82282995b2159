using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Cli;

/// <summary>The way to the agent: its Unix socket, or loopback TCP. The one file that sets the gRPC runtime up.</summary>
internal sealed class Connection : IDisposable
{
    private readonly GrpcChannel _channel;

    public Connection(ConnectionOptions options)
    {
        Where = options.Insecure ?? options.Socket;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // A dead agent is noticed within seconds, also while a stream is at rest.
            KeepAlivePingDelay = TimeSpan.FromSeconds(3),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (options.Insecure is null)
        {
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(options.Socket, cancellation);
        }

        _channel = GrpcChannel.ForAddress(
            options.Insecure is null ? "http://localhost" : $"http://{options.Insecure}",
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        Calls = _channel.CreateCallInvoker();
    }

    /// <summary>What messages name the agent by.</summary>
    public string Where { get; }

    public CallInvoker Calls { get; }

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();

            // .NET's words for a missing socket are about addresses, and lead astray.
            throw e switch
            {
                SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                    new IOException("permission denied; be root or a member of the group cloudbr-agent"),
                SocketException when !Path.Exists(path) => new IOException($"there is no socket {path}"),
                _ => e,
            };
        }
    }
}

/// <summary>Where the agent is.</summary>
internal sealed record ConnectionOptions(string Socket, string? Insecure)
{
    public const string DefaultSocket = "/run/cloudbr-agent/agent.sock";
}
