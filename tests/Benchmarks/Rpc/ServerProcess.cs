using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Benchmarks.Rpc;

/// <summary>A server in a process of its own, with a channel to it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string? _socket;

    private ServerProcess(Process process, string? socket, string address)
    {
        _process = process;
        _socket = socket;
        Channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = Transport(socket), DisposeHttpClient = true });
        Raw = new HttpClient(Transport(socket))
        {
            BaseAddress = new Uri(address),
            DefaultRequestVersion = new Version(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public GrpcChannel Channel { get; }

    /// <summary>The same server without gRPC.</summary>
    public HttpClient Raw { get; }

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
        return new ServerProcess(process, socket, socket is null ? address : "http://localhost");
    }

    public void Dispose()
    {
        Channel.Dispose();
        Raw.Dispose();
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        if (_socket is not null)
        {
            File.Delete(_socket);
        }
    }

    private static SocketsHttpHandler Transport(string? socket)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        if (socket is not null)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            };
        }

        return handler;
    }
}
