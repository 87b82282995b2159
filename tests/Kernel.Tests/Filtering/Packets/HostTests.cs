using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>What a guest may not send to others it may not send to the host that it is on either.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class HostTests
{
    [Test]
    public void TheHost_HearsWhatEgressAllows_AndNothingElse()
    {
        Namespace.Ip($"address add {HostItself.V4}/24 dev {HostItself.Device}");
        using var allowed = Listen(6000);
        using var refused = Listen(6002);
        Scene.Passes(Sender3, Udp4(Sender3, HostItself, 6002), HostItself);
        Scene.Passes(Sender3, Udp4(Sender3, HostItself, 6000), HostItself);
        Assert.That(allowed.Receive(new byte[64]), Is.GreaterThan(0));
        Assert.That(refused.Available, Is.Zero, "what came before it");

        // Who may send everything is heard.
        Scene.Passes(Plain3, Udp4(Plain3, HostItself, 6002), HostItself);
        Assert.That(refused.Receive(new byte[64]), Is.GreaterThan(0));
    }

    private static Socket Listen(int port) => Namespace.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        return socket;
    });
}
