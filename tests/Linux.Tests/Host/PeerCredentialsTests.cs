using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Linux.Tests.Host;

internal sealed class PeerCredentialsTests
{
    [Test]
    public void UnixSocket_TellsWhoConnected()
    {
        using var directory = new TempDirectory();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory["socket"]));
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(directory["socket"]));
        using var accepted = listener.Accept();
        Assert.That(PeerCredentials.Of(accepted), Is.EqualTo(new PeerCredentials(Environment.ProcessId, Number("-u"), Number("-g"))));
    }

    [Test]
    public void UnixSocket_ThatNobodyIsConnectedTo_TellsNothing()
    {
        using var alone = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.That(PeerCredentials.Of(alone), Is.Null);
    }

    [Test]
    public void TcpSocket_TellsNothing()
    {
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(PeerCredentials.Of(tcp), Is.Null);
    }

    private static uint Number(string option) =>
        uint.Parse(Command.Run("id", option).Output, System.Globalization.CultureInfo.InvariantCulture);
}
