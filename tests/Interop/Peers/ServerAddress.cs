using System.Net;
using System.Net.Sockets;

namespace Cloudbr.Agent.Interop.Peers;

/// <summary>Where a server listens, as it says itself: <c>127.0.0.1:PORT</c> or <c>unix:PATH</c>.</summary>
internal sealed record ServerAddress(string Text, Transport Transport)
{
    private const string UnixPrefix = "unix:";

    public bool IsTls => Transport is Transport.Tls or Transport.MutualTls;

    public EndPoint EndPoint => Transport == Transport.Unix
        ? new UnixDomainSocketEndPoint(Text[UnixPrefix.Length..])
        : IPEndPoint.Parse(Text);

    /// <summary>An address for the client; what is dialled is <see cref="EndPoint"/>, the name is for the certificate.</summary>
    public Uri Uri => new($"{(IsTls ? "https" : "http")}://localhost{(EndPoint is IPEndPoint ip ? $":{ip.Port}" : "")}");

    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var unix = Transport == Transport.Unix;
        var socket = unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
