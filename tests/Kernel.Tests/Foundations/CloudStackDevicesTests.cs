using System.Text.Json;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>What CloudStack's scripts leave on a host works, and is what its operators know.</summary>
[Needs(Feature.Veth, Feature.Bridge)]
public class CloudStackDevicesTests
{
    [TestCase(101, "239.0.0.101")]
    [TestCase(0x010203, "239.1.2.3")]
    [TestCase(16777215, "239.255.255.255"), MachineOnly]
    public void Group_OfAVni_IsItsThreeBytes(int vni, string group) =>
        Assert.That(CloudStackDevices.GroupOf(vni), Is.EqualTo(group));

    [MachineOnly]
    [TestCase(null, CloudStackDevices.DefaultVxlanPort), Needs(Feature.Vxlan)]
    [TestCase(4789, 4789)]
    public void Vxlan_OnThePhysicalBridge_CarriesGuestsByMulticast(int? asked, int port)
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            var devices = new CloudStackDevices(host.Namespace);
            devices.AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"]);
            var segment = devices.AddVxlan("cloudbr0", 66051, asked);
            Assert.That(segment, Is.EqualTo(new CloudStackDevices.Segment("vxlan66051", "brvx-66051")));
        }

        var data = Link(hosts.First.Namespace, "vxlan66051").GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(data.GetProperty("group").GetString(), Is.EqualTo("239.1.2.3"));
        Assert.That(data.GetProperty("ttl").GetInt32(), Is.EqualTo(10));
        Assert.That(data.GetProperty("link").GetString(), Is.EqualTo("cloudbr0"));
        Assert.That(data.GetProperty("port").GetInt32(), Is.EqualTo(port));
        Assert.That(Routes(hosts.First.Namespace), Does.Contain("239.1.2.3 dev cloudbr0"));
        // 50 bytes less than the physical bridge has.
        Assert.That(Link(hosts.First.Namespace, "brvx-66051").GetProperty("mtu").GetInt32(), Is.EqualTo(1500));
        var left = hosts.First.AddGuest(["10.0.0.1/24"], "brvx-66051");
        hosts.Second.AddGuest(["10.0.0.2/24"], "brvx-66051");
        left.WaitUntilReaches("10.0.0.2");
        Assert.That(left.Ping("10.0.0.2", packetBytes: 1500, dontFragment: true), Is.EqualTo(new Ping(3, 3)));
    }

    [MachineOnly]
    [Test, Needs(Feature.Vxlan)]
    public void Vxlan_WhoseGroupGoesThereAnyway_GetsNoRoute()
    {
        using var hosts = TwoHosts.Create();
        var devices = new CloudStackDevices(hosts.First.Namespace);
        devices.AddPhysicalBridge(hosts.First.Uplink, ["192.0.2.1/24"], gateway: "192.0.2.254");

        devices.AddVxlan("cloudbr0", 101);

        Assert.That(Routes(hosts.First.Namespace), Does.Not.Contain("239."));
        Assert.That(Routes(hosts.First.Namespace), Does.Contain("default via 192.0.2.254 dev cloudbr0"));
    }

    [MachineOnly]
    [Test]
    public void PhysicalBridge_TakesTheUplinkAndItsAddresses()
    {
        using var hosts = TwoHosts.Create();

        new CloudStackDevices(hosts.First.Namespace).AddPhysicalBridge(hosts.First.Uplink, ["192.0.2.1/24", "2001:db8::1/64"]);

        Assert.That(Link(hosts.First.Namespace, "eth0").GetProperty("master").GetString(), Is.EqualTo("cloudbr0"));
        Assert.That(hosts.First.Namespace.Exec("ip", "-brief", "address", "show", "dev", "eth0").Output, Does.Not.Contain("192.0.2"));
        foreach (var address in new[] { "192.0.2.1", "2001:db8::1" })
        {
            Ping.UntilAnswered(hosts.Second.Namespace, address, TimeSpan.FromSeconds(30));
        }
    }

    [Test, Needs(Feature.Vlan)]
    public void Vlan_OnTheUplinkOfThePhysicalBridge_CarriesGuestsBesideIt()
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            var devices = new CloudStackDevices(host.Namespace);
            devices.AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"]);
            Assert.That(devices.AddVlan(host.Uplink, 761), Is.EqualTo(new CloudStackDevices.Segment("eth0.761", "breth0-761")));
        }

        var left = hosts.First.AddGuest(["10.0.0.1/24"], "breth0-761");
        hosts.Second.AddGuest(["10.0.0.2/24"], "breth0-761");

        left.WaitUntilReaches("10.0.0.2");
        Ping.UntilAnswered(hosts.First.Namespace, hosts.Second.Ipv4, TimeSpan.FromSeconds(30));
    }

    [TestCase(false, 1500)]
    [TestCase(true, 0), MachineOnly]
    public void SegmentsBridge_HasTheForwardDelayOfItsScripts(bool older, int delay)
    {
        using var hosts = TwoHosts.Create();
        var segment = new CloudStackDevices(hosts.First.Namespace, older).AddVxlan(hosts.First.Uplink, 101);

        var bridge = Link(hosts.First.Namespace, segment.Bridge).GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(bridge.GetProperty("forward_delay").GetInt32(), Is.EqualTo(delay));
    }

    [MachineOnly]
    [Test]
    public void ControlNetwork_ReachesASystemVm()
    {
        using var hosts = TwoHosts.Create();
        var bridge = new CloudStackDevices(hosts.First.Namespace).AddControlNetwork();
        hosts.First.AddGuest(["169.254.12.34/16"], bridge);

        Assert.That(bridge, Is.EqualTo("cloud0"));
        Assert.That(Routes(hosts.First.Namespace), Does.Contain("169.254.0.0/16 dev cloud0"));
        Ping.UntilAnswered(hosts.First.Namespace, "169.254.12.34", TimeSpan.FromSeconds(30));
    }

    private static string Routes(NetNamespace where) => where.Exec("ip", "route").Output;

    private static JsonElement Link(NetNamespace where, string name)
    {
        using var links = JsonDocument.Parse(where.Exec("ip", "-json", "-details", "link", "show", "dev", name).Output);
        return links.RootElement[0].Clone();
    }
}
