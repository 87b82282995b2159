using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

[Needs(Feature.Vxlan, Feature.Veth)]
public class VxlanTests
{
    [MachineOnly]
    [Test]
    public void Vxlan_OnPort4789_CarriesPingsOverTheUnderlay()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "under", "192.0.2.1/24"), new(right, "under", "192.0.2.2/24"));
        AddVxlan(left, "192.0.2.1", "192.0.2.2", "10.0.0.1/24");
        AddVxlan(right, "192.0.2.2", "192.0.2.1", "10.0.0.2/24");

        Assert.That(Ping.From(left, "10.0.0.2"), Is.EqualTo(new Ping(3, 3)));
        using var links = JsonDocument.Parse(left.Exec("ip", "-json", "-details", "link", "show", "dev", "vxlan101").Output);
        var data = links.RootElement[0].GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(data.GetProperty("id").GetInt32(), Is.EqualTo(101));
        Assert.That(data.GetProperty("port").GetInt32(), Is.EqualTo(4789));
        Assert.That(left.Exec("ss", "-Hlun").Output, Does.Contain(":4789"));
    }

    [MachineOnly]
    [Test]
    public void Vxlan_WithAnotherVni_IsIsolated()
    {
        using var left = NetNamespace.Create();
        using var right = NetNamespace.Create();
        VethPair.Connect(new(left, "under", "192.0.2.1/24"), new(right, "under", "192.0.2.2/24"));
        AddVxlan(left, "192.0.2.1", "192.0.2.2", "10.0.0.1/24");
        AddVxlan(right, "192.0.2.2", "192.0.2.1", "10.0.0.2/24", id: "102");

        Assert.That(Ping.From(left, "10.0.0.2").Received, Is.Zero);
    }

    private static void AddVxlan(NetNamespace where, string local, string remote, string address, string id = "101")
    {
        where.Exec(
            "ip", "link", "add", "name", $"vxlan{id}", "type", "vxlan", "id", id, "dstport", "4789", "local", local,
            "remote", remote, "dev", "under");
        where.Exec("ip", "address", "add", address, "dev", $"vxlan{id}");
        where.Exec("ip", "link", "set", $"vxlan{id}", "up");
    }
}
