using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Veth, Feature.Bridge)]
public class EthtoolTests
{
    [Test]
    public void Read_OfAVeth_IsWhatTheKernelSays()
    {
        using var host = NetNamespace.Create();
        VethPair.Connect(new(host, "eth0"), new(host, "eth1"));
        using var links = host.Run(RouteSocket.Open);
        using var handle = File.OpenHandle(host.Path);
        using var ethtool = EthtoolSocket.Open(handle);

        Assert.That(
            ethtool.Read(links.ReadLink("eth0")!.Index),
            Is.EqualTo(new EthernetState(LinkDetected: true, SpeedMbps: 10_000, FullDuplex: true, Autonegotiation: false)));

        host.Exec("ip", "link", "set", "eth1", "down");
        Assert.That(ethtool.Read(links.ReadLink("eth0")!.Index)!.LinkDetected, Is.False);
    }

    [Test]
    public void Read_OfADeviceWithoutACable_KnowsNoSpeed()
    {
        using var host = NetNamespace.Create();
        using var links = host.Run(RouteSocket.Open);
        using var ethtool = host.Run(EthtoolSocket.Open);
        host.Exec("ip", "link", "add", "name", "br", "type", "bridge");

        var state = ethtool.Read(links.ReadLink("br")!.Index)!;

        Assert.That(state.SpeedMbps, Is.Null);
        Assert.That(state.LinkDetected, Is.False);
    }

    [Test]
    public void Read_OfNoDevice_IsNull()
    {
        using var host = NetNamespace.Create();
        using var ethtool = host.Run(EthtoolSocket.Open);

        Assert.That(ethtool.Read(9999), Is.Null);
    }
}
