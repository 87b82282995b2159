using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>Devices that an earlier agent or a script made are taken over as they are, and their guests notice nothing.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge)]
public sealed class AdoptionTests
{
    [MachineOnly]
    [TestCase(null)]
    [TestCase(4789, Category = MachineOnlyAttribute.Name)]
    [Needs(Feature.Vxlan)]
    public async Task Vxlan_MadeByHand_IsAdoptedInPlaceAndGuestsNoticeNothing(int? port)
    {
        using var hosts = TwoHosts.Create();
        foreach (var each in hosts.Both)
        {
            new CloudStackDevices(each.Namespace).AddVxlan("eth0", 101, port);
        }

        var network = AgentHostScene.Vxlan(101, new VxlanMulticast(null)) with
        {
            Isolation = new VxlanIsolation(101, port ?? CloudStackDevices.DefaultVxlanPort, null, new VxlanMulticast(null), null),
        };
        await AdoptAsync(hosts, network, "vxlan101", "brvx-101");
    }

    [Test, Needs(Feature.Vlan)]
    public async Task Vlan_MadeByHand_IsAdoptedInPlaceAndGuestsNoticeNothing()
    {
        using var hosts = TwoHosts.Create();
        foreach (var each in hosts.Both)
        {
            new CloudStackDevices(each.Namespace).AddVlan("eth0", 761);
        }

        var network = new Network { Id = "net-761", PhysicalNetwork = "eth0", Isolation = new VlanIsolation(761) };
        await AdoptAsync(hosts, network, "eth0.761", "breth0-761");
    }

    [MachineOnly]
    [Test]
    public async Task PhysicalBridge_MadeByHand_IsAdoptedAndLeftStanding()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        new CloudStackDevices(network).AddPhysicalBridge("eth0", ["192.0.2.1/24", "2001:db8::1/64"], gateway: "192.0.2.2");
        RichHost.Settle(network, "cloudbr0");
        using var host = new AgentHostScene(network);
        var was = host.View.State.Find("cloudbr0")!;
        var addresses = RichHost.Reachability(network, "cloudbr0");
        using var ping = await SteadyPing.StartAsync(hosts.Second.Namespace, hosts.First.Ipv4);

        Expect.AppliedForGood(host, () => host.Apply(AgentHostScene.Config(AgentHostScene.Manage("cloudbr0"))));

        var adopted = host.View.State.Find("cloudbr0")!;
        Assert.That(adopted, Is.EqualTo(was with { Alias = "cloudbr:physical-adopted:cloudbr0", Bridge = adopted.Bridge }));
        Assert.That(adopted.Bridge!.ForwardDelayMs, Is.Zero);
        Assert.That(RichHost.Reachability(network, "cloudbr0"), Is.EqualTo(addresses));
        AssertPinned(host, "cloudbr0", adopted.Mac, adopted.Mtu);

        Expect.AppliedForGood(host, () => host.Apply(HostConfig.Empty));

        Assert.That(host.View.State.Find("cloudbr0"), Is.EqualTo(adopted with { Alias = "" }));
        Assert.That(RichHost.Reachability(network, "cloudbr0"), Is.EqualTo(addresses));
        Assert.That(await ping.LostAsync(), Is.Empty);
    }

    [Test]
    [MachineOnly]
    public void ControlNetwork_MadeByHand_IsAdopted()
    {
        using var network = NetNamespace.Create();
        new CloudStackDevices(network).AddControlNetwork();
        using var host = new AgentHostScene(network);
        var was = host.View.State.Find("cloud0")!;
        var config = HostConfig.Empty with { ControlNetwork = new ControlNetwork("cloud0", ControlNetwork.DefaultAddress, null) };

        Expect.AppliedForGood(host, () => host.Apply(config));

        var adopted = host.View.State.Find("cloud0")!;
        Assert.That(adopted.Index, Is.EqualTo(was.Index));
        Assert.That(adopted.Alias, Is.EqualTo("cloudbr:control:cloud0"));
        Assert.That(host.View.State.Addresses(adopted.Index).Where(a => a.Prefix.IsIpv4).Select(a => a.Prefix), Is.EqualTo([ControlNetwork.DefaultAddress]));
        AssertPinned(host, "cloud0", adopted.Mac, 1500);
    }

    [Test, Needs(Feature.Vxlan)]
    [MachineOnly]
    public void Vxlan_OfTheKernelsOldPort_IsRefusedNamingBothPortsAndLeftAsItIs()
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        new CloudStackDevices(network).AddVxlan("eth0", 101);
        RichHost.Settle(network, "brvx-101");
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);

        var failure = Expect.Undone(Apply(host, AgentHostScene.Vxlan(101, new VxlanMulticast(null))), "DEVICE_EXISTS");

        Assert.That(failure.Message, Does.Contain("vxlan101").And.Contain("dstport is 8472 and should be 4789"));
        Assert.That(host.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(network), HostSnapshot.SameAs(before));
    }

    [TestCase("vxlan101", "link add name vxlan101 type bridge", "a bridge device"), Needs(Feature.Vxlan)]
    [TestCase("vxlan101", "link add name vxlan101 type veth peer name x", "a veth device")]
    [TestCase("vxlan101", "link add name vxlan101 type vxlan id 555 dstport 4789 dev eth0", "VNI 555")]
    [TestCase("vxlan101", "link add name vxlan101 type vxlan id 101 dstport 4789 dev eth0 group 239.5.5.5", "remote is 239.5.5.5 and should be 239.0.0.101")]
    [TestCase("vxlan101", "link add name vxlan101 type vxlan id 101 dstport 4789 dev lo group 239.0.0.101", "dev is lo and should be eth0")]
    [TestCase("brvx-101", "link add name brvx-101 type veth peer name x", "a veth device")]
    [TestCase("brvx-101", "link add name brvx-101 type vxlan id 555 dstport 4789 dev eth0", "VNI 555")]
    [MachineOnly]
    public void Device_OfThatNameThatIsSomethingElse_IsAConflictAndLeftAsItIs(string name, string made, string why)
    {
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        network.Ip(made, $"link set {name} alias theirs");
        using var host = new AgentHostScene(network);
        var before = HostSnapshot.Of(network);

        var failure = Expect.Undone(Apply(host, AgentHostScene.Vxlan(101, new VxlanMulticast(null))), "DEVICE_EXISTS");

        Assert.That(failure.Message, Does.Contain(name).And.Contain(why));
        Assert.That(host.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(network), HostSnapshot.SameAs(before));
    }

    private static async Task AdoptAsync(TwoHosts hosts, Network wanted, string device, string bridge)
    {
        var network = hosts.First.Namespace;
        var left = hosts.First.AddGuest(["10.0.0.1/24"], bridge);
        RichHost.Settle(network, bridge);
        hosts.Second.AddGuest(["10.0.0.2/24"], bridge);
        using var host = new AgentHostScene(network);
        var (wasDevice, wasBridge) = (host.View.State.Find(device)!, host.View.State.Find(bridge)!);
        using var ping = await SteadyPing.StartAsync(left.Namespace, "10.0.0.2");

        var report = Apply(host, wanted);
        Expect.Applied(report);
        Expect.Unchanged(Apply(host, wanted));

        Assert.That(report.Warnings.Select(w => (w.Reason, w.Subject.Name)), Is.EquivalentTo([("DEVICE_ADOPTED", device), ("DEVICE_ADOPTED", bridge)]));
        var state = host.View.State;
        var alias = $"cloudbr:network:{wanted.Id}";
        Assert.That(
            state.Find(device),
            Is.EqualTo(wasDevice with { Alias = alias, Ipv6Off = true, Mtu = 1500, Port = state.Find(device)!.Port, Vxlan = state.Find(device)!.Vxlan }));
        var adopted = state.Find(bridge)!;
        Assert.That(adopted.Index, Is.EqualTo(wasBridge.Index));
        Assert.That((adopted.Alias, adopted.Ipv6Off, adopted.Mtu), Is.EqualTo((alias, (bool?)true, 1500)));
        Assert.That(adopted.Bridge!.ForwardDelayMs, Is.Zero);
        Assert.That(await ping.LostAsync(), Is.Empty);
        AssertPinned(host, bridge, adopted.Mac, 1500);
    }

    /// <summary>A member with the lowest MAC and a low MTU changes neither of the bridge's.</summary>
    private static void AssertPinned(AgentHostScene host, string bridge, MacAddress? mac, int mtu)
    {
        host.Host.Ip(
            "link add name low0 address 00:00:00:00:00:01 mtu 1300 type veth peer name low1",
            $"link set low0 master {bridge}",
            "link set low0 up");
        host.WaitUntil("the member", view => view.State.Find("low0") is { Master: > 0, Up: true });
        Assert.That(host.View.State.Find(bridge), Has.Property("Mac").EqualTo(mac).And.Property("Mtu").EqualTo(mtu));
        host.Host.Ip("link del low0");
        host.WaitUntil("the member is gone", view => view.State.Find("low0") is null);
    }

    private static ChangeReport Apply(AgentHostScene host, Network network) =>
        host.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), network));
}
