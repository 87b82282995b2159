using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Daemon.Tests.Agents;

/// <summary>A gRPC connection to an agent's Unix socket.</summary>
internal sealed class AgentConnection : IDisposable
{
    private readonly GrpcChannel _channel;

    public AgentConnection(string socket)
    {
        _channel = GrpcChannel.ForAddress(
            "http://localhost",
            new GrpcChannelOptions
            {
                HttpHandler = Handler(socket), DisposeHttpClient = true, MaxSendMessageSize = null, MaxReceiveMessageSize = null,
            });
        Calls = _channel.CreateCallInvoker();
    }

    public CallInvoker Calls { get; }

    public static SocketsHttpHandler Handler(string path) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    public void Dispose() => _channel.Dispose();
}
