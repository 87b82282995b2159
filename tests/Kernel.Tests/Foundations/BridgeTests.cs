using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Bridge, Feature.Veth)]
public class BridgeTests
{
    [MachineOnly]
    [Test]
    public void Bridge_WithTwoPorts_ForwardsAndLearns()
    {
        using var host = NetNamespace.Create();
        using var first = NetNamespace.Create();
        using var second = NetNamespace.Create();
        host.Exec("ip", "link", "add", "name", "cloudbr0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0");
        host.Exec("ip", "link", "set", "cloudbr0", "up");
        VethPair.Connect(new(host, "vnet0"), new(first, "eth0", "10.0.0.1/24"));
        VethPair.Connect(new(host, "vnet1"), new(second, "eth0", "10.0.0.2/24"));
        host.Exec("ip", "link", "set", "vnet0", "master", "cloudbr0");
        host.Exec("ip", "link", "set", "vnet1", "master", "cloudbr0");

        Assert.That(Ping.From(first, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));
        Assert.That(Learned(host, "vnet0"), Does.Contain(MacOf(first)));
        Assert.That(Learned(host, "vnet1"), Does.Contain(MacOf(second)));
    }

    private static string? MacOf(NetNamespace where)
    {
        using var links = JsonDocument.Parse(where.Exec("ip", "-json", "link", "show", "dev", "eth0").Output);
        return links.RootElement[0].GetProperty("address").GetString();
    }

    private static List<string?> Learned(NetNamespace host, string port)
    {
        using var entries = JsonDocument.Parse(host.Exec("bridge", "-json", "fdb", "show", "dev", port).Output);
        return entries.RootElement.EnumerateArray().Select(entry => entry.GetProperty("mac").GetString()).ToList();
    }
}
