using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cloudbr.Agent.Cli;

/// <summary>The way to the agent: its Unix socket, or loopback TCP. The one file that sets the gRPC runtime up.</summary>
internal sealed class Connection : IDisposable
{
    private const string IsItRunning = "Is it running? See: systemctl status cloudbr-agent, journalctl -u cloudbr-agent -n 50";

    private readonly ConnectionOptions _options;
    private readonly GrpcChannel _channel;

    public Connection(ConnectionOptions options)
    {
        _options = options;
        Where = options.Insecure?.ToString() ?? options.Socket;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // A dead agent is noticed within seconds, also while a stream is at rest.
            KeepAlivePingDelay = TimeSpan.FromSeconds(3),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (_, cancellation) => ConnectAsync(cancellation),
        };

        // The state of thousands of networks is longer than what a client takes unless told otherwise.
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        Calls = _channel.CreateCallInvoker();
    }

    /// <summary>What messages name the agent by.</summary>
    public string Where { get; }

    public CallInvoker Calls { get; }

    /// <summary>Why there is no connection, when that is so.</summary>
    public ConnectionFailure? Failure { get; private set; }

    public void Dispose() => _channel.Dispose();

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        try
        {
            return await OpenAsync(cancellation);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            Failure = Describe(e);
            throw new IOException(Failure.Words, e);
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellation)
    {
        EndPoint where = _options.Insecure ?? (EndPoint)new UnixDomainSocketEndPoint(_options.Socket);
        var socket = new Socket(where.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(where, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>.NET's words for a missing socket are about addresses, and lead astray.</summary>
    private ConnectionFailure Describe(Exception exception) => exception switch
    {
        ArgumentException => new("this is no path that a socket can have", ""),
        SocketException { SocketErrorCode: SocketError.AccessDenied } => new(
            "you may not use this socket", $"Run cloudbrctl as root, or as a member of the group that has it: ls -l {_options.Socket}"),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new("nobody listens there", IsItRunning),
        _ when _options.Insecure is null && !Path.Exists(_options.Socket) => new("there is no such socket", IsItRunning),
        _ => new(exception.Message, IsItRunning),
    };
}

/// <summary>Where the agent is.</summary>
internal sealed record ConnectionOptions(string Socket, IPEndPoint? Insecure)
{
    public const string DefaultSocket = "/run/cloudbr-agent/agent.sock";
}

/// <summary>Why there is no connection, and what to do about it.</summary>
internal sealed record ConnectionFailure(string Words, string Hint);
