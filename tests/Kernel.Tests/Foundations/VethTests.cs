using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Veth)]
public class VethTests
{
    [MachineOnly]
    [Test]
    public void VethPair_BetweenTwoNamespaces_CarriesPings()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0", "10.0.0.1/24", "fd00::1/64"), new(right, "eth0", "10.0.0.2/24", "fd00::2/64"));

        Assert.That(Ping.From(left, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));
        Assert.That(Ping.From(right, "fd00::1"), Is.EqualTo(new Ping(3, 3)));
    }

    [MachineOnly]
    [Test]
    public void Socket_OpenedInANamespace_StaysThere()
    {
        using var inside = NetNamespace.Create();
        using var listener = inside.Run(() =>
        {
            var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 50051);
            socket.Start();
            return socket;
        });

        Assert.That(inside.Exec("ss", "-Hltn").Output, Does.Contain("127.0.0.1:50051"));
        using var elsewhere = NetNamespace.Create();
        Assert.That(elsewhere.Exec("ss", "-Hltn").Output, Is.Empty);
    }
}
