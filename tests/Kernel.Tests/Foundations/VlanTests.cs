using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Vlan)]
public class VlanTests
{
    [Test]
    public void VlanDevice_OnBothEnds_CarriesTaggedFrames()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0"), new(right, "eth0"));
        AddVlan(left, 761, "10.0.0.1/24");
        AddVlan(right, 761, "10.0.0.2/24");
        // u32 counts what it matches on the wire: frames whose tag is really 761.
        right.Exec("tc", "qdisc", "add", "dev", "eth0", "ingress");
        right.Exec(
            "tc", "filter", "add", "dev", "eth0", "parent", "ffff:", "protocol", "802.1Q", "flower", "vlan_id", "761",
            "action", "pass");

        Assert.That(Ping.From(left, "10.0.0.2", 5), Is.EqualTo(new Ping(5, 5)));
        Assert.That(TaggedFramesSeen(right), Is.GreaterThanOrEqualTo(5));
    }

    [Test]
    public void VlanDevices_WithDifferentIds_AreIsolated()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "eth0"), new(right, "eth0"));
        AddVlan(left, 5, "10.0.0.1/24");
        AddVlan(right, 6, "10.0.0.2/24");

        Assert.That(Ping.From(left, "10.0.0.2").Received, Is.Zero);
    }

    private static void AddVlan(NetNamespace where, int id, string address)
    {
        where.Exec("ip", "link", "add", "link", "eth0", "name", $"eth0.{id}", "type", "vlan", "id", $"{id}");
        where.Exec("ip", "address", "add", address, "dev", $"eth0.{id}");
        where.Exec("ip", "link", "set", $"eth0.{id}", "up");
    }

    private static long TaggedFramesSeen(NetNamespace where)
    {
        using var filters = JsonDocument.Parse(
            where.Exec("tc", "-json", "-statistics", "filter", "show", "dev", "eth0", "parent", "ffff:").Output);
        return filters.RootElement.EnumerateArray()
            .Where(filter => filter.TryGetProperty("options", out var options) && options.TryGetProperty("actions", out _))
            .Sum(filter => filter.GetProperty("options").GetProperty("actions")[0]
                .GetProperty("stats").GetProperty("packets").GetInt64());
    }
}
