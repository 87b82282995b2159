using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Bridge, Feature.Veth)]
public class EbtablesTests
{
    [Test, Needs(Feature.EbtablesNft)]
    public void DropBySource_OnNfTables_StopsThatPort() => DropBySourceStopsThatPort("ebtables-nft");

    [Test, Needs(Feature.EbtablesLegacy)]
    public void DropBySource_OnLegacyEbtables_StopsThatPort() => DropBySourceStopsThatPort("ebtables-legacy");

    private static void DropBySourceStopsThatPort(string tool)
    {
        using var host = NetNamespace.Create();
        using var first = NetNamespace.Create();
        using var second = NetNamespace.Create();
        host.Exec("ip", "link", "add", "name", "cloudbr0", "type", "bridge", "forward_delay", "0");
        host.Exec("ip", "link", "set", "cloudbr0", "up");
        VethPair.Connect(new(host, "vnet0"), new(first, "eth0", "10.0.0.1/24"));
        VethPair.Connect(new(host, "vnet1"), new(second, "eth0", "10.0.0.2/24"));
        host.Exec("ip", "link", "set", "vnet0", "master", "cloudbr0");
        host.Exec("ip", "link", "set", "vnet1", "master", "cloudbr0");
        Assert.That(Ping.From(first, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));

        host.Exec(tool, "-A", "FORWARD", "-i", "vnet0", "-p", "IPv4", "-j", "DROP");

        Assert.That(host.Exec(tool, "-L", "FORWARD").Output, Does.Contain("-p IPv4 -i vnet0 -j DROP"));
        Assert.That(Ping.From(first, "10.0.0.2"), Is.EqualTo(new Ping(3, 0)));
    }
}
