using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Benchmarks.Rpc;

/// <summary>A server in a process of its own, with a channel to it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string? _socket;

    private ServerProcess(Process process, string? socket, GrpcChannel channel)
    {
        _process = process;
        _socket = socket;
        Channel = channel;
    }

    public GrpcChannel Channel { get; }

    public static ServerProcess Start(bool unixSocket)
    {
        var socket = unixSocket ? Path.Combine(Path.GetTempPath(), $"cloudbr-bench-{Environment.ProcessId}.sock") : null;
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "rpc-server", socket is null ? "tcp" : $"unix:{socket}" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The server did not start.");
        return new ServerProcess(process, socket, socket is null ? GrpcChannel.ForAddress(address) : OverSocket(socket));
    }

    public void Dispose()
    {
        Channel.Dispose();
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        if (_socket is not null)
        {
            File.Delete(_socket);
        }
    }

    private static GrpcChannel OverSocket(string path) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });
}
