using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Htb, Feature.Veth)]
public class QdiscTests
{
    [Test]
    public void Read_OfOneDevice_ShowsItsOwn()
    {
        using var host = NetNamespace.Create();
        using var socket = host.Run(RouteSocket.Open);
        host.Ip(
            "link add name vnet0 up type veth peer name other",
            "link set other up");
        host.Exec("tc", "qdisc", "add", "dev", "vnet0", "root", "handle", "7:", "htb");
        host.Exec("tc", "qdisc", "add", "dev", "vnet0", "ingress");
        var link = socket.ReadLink("vnet0")!.Index;

        Assert.That(
            socket.ReadQdiscs(link),
            Is.EquivalentTo(new[] { new Qdisc(link, "htb", 0x70000, 0xffffffff), new Qdisc(link, "ingress", 0xffff0000, 0xfffffff1) }));
    }
}
