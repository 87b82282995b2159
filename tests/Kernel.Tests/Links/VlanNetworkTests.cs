using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>VLANs on whatever a host's uplink is, under CloudStack's names.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vlan)]
public class VlanNetworkTests
{
    [Test]
    public void Uplink_ThatIsPlain_CarriesVlansApart()
    {
        using var hosts = TwoHosts.Create();
        var before = HostSnapshot.Of(hosts.First.Namespace);

        MustCarryApart(hosts, "eth0", "eth0.761", "breth0-761");

        Assert.That(
            HostSnapshot.Of(hosts.First.Namespace, d => !d.StartsWith("vnet", StringComparison.Ordinal)), HostSnapshot.SameAs(before));
    }

    [Test]
    public void Uplink_ThatIsAVlanItself_CarriesVlansInIt()
    {
        using var hosts = TwoHosts.Create(Underlay.Vlan());
        MustCarryApart(hosts, "eth0.100", "eth0.100.761", "breth0.100-761");
    }

    [Test]
    public async Task Bytes_SentBothWaysByTcp_ArriveWholeThroughTheVlan()
    {
        using var hosts = TwoHosts.Create(mtu: 1500);
        using var agents = new TwoAgents(hosts);
        agents.Apply(Config(CheckOnly("eth0"), Vlan(761, "eth0")));
        var (left, right) = agents.AddGuests("net-761");
        left.WaitUntilReaches(RightAddress);

        await MustArrive(left, right, hosts.Second, "eth0.761");
        await MustArrive(right, left, hosts.First, "eth0.761");
    }

    /// <summary>The label names the bridge: the bond is found under it, and carries the bridge's own frames besides.</summary>
    [Test, Needs(Feature.Bonding)]
    public void Uplink_ThatIsABondUnderABridge_CarriesVlansBesideIt()
    {
        using var hosts = TwoHosts.Create(Underlay.Bond());
        AddPhysicalBridges(hosts, "bond0");

        MustCarryApart(hosts, "cloudbr0", "bond0.761", "brbond0-761");

        Ping.UntilAnswered(hosts.First.Namespace, hosts.Second.Ipv4, TimeSpan.FromSeconds(30));
    }

    [Test]
    public void Names_ThatAreTooLong_AreShortAndFoundByTheLongOne()
    {
        const string uplink = "enp129s0f1np1";
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            host.Namespace.Ip("link set eth0 down", $"link set eth0 name {uplink}", $"link set {uplink} up");
        }

        AddPhysicalBridges(hosts, uplink);
        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly("cloudbr0") with { Uplink = uplink }, Vlan(761, "cloudbr0"));

        agents.Apply(config);

        agents.First.MustBeSettled(config);
        var design = agents.First.View.Desired.Networks["net-761"];
        foreach (var (name, longName) in new[] { (design.Device.Name, $"{uplink}.761"), (design.Bridge.Name, $"br{uplink}-761") })
        {
            Assert.That(name, Has.Length.EqualTo(15));
            Assert.That(Shown.Link(hosts.First.Namespace, longName).GetProperty("ifname").GetString(), Is.EqualTo(name));
        }

        var (left, _) = agents.AddGuests("net-761");
        left.WaitUntilReaches(RightAddress);
        agents.First.Apply(HostConfig.Empty, allowDisruption: true).MustBe(ChangeOutcome.Applied);
        Assert.That(hosts.First.Namespace.TryExec(["ip", "link", "show", "dev", $"{uplink}.761"]).Succeeded, Is.False);
    }

    private static void AddPhysicalBridges(TwoHosts hosts, string uplink)
    {
        foreach (var host in hosts.Both)
        {
            new CloudStackDevices(host.Namespace).AddPhysicalBridge(uplink, [$"{host.Ipv4}/24"]);
        }
    }

    private static async Task MustArrive(Guest sender, Guest receiver, Host receiversHost, string device)
    {
        const int Sent = 4 << 20;
        // What can be under way when the sender is done, and is not counted: twice 64 KiB, as Linux takes it, in the socket at each end,
        // a frame too many of up to 64 KiB in both, and a block of 128 KiB that was read in part.
        const int MostUncounted = 512 << 10;
        var before = Shown.ReceivedBytes(receiversHost.Namespace, device);

        var told = await sender.SendToAsync(receiver, "-n", "4M", "-w", "64K");

        Assert.That(told.BytesSent, Is.EqualTo(Sent));
        Assert.That(told.BytesReceived, Is.InRange(Sent - MostUncounted, Sent));
        Assert.That(Shown.ReceivedBytes(receiversHost.Namespace, device) - before, Is.GreaterThan(told.BytesReceived));
    }

    private static void MustCarryApart(TwoHosts hosts, string label, string device, string bridge)
    {
        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly(label), Vlan(761, label), Vlan(762, label));

        agents.Apply(config);

        agents.First.MustBeSettled(config);
        Assert.That(Shown.Link(hosts.First.Namespace, device).GetProperty("master").GetString(), Is.EqualTo(bridge));
        Assert.That(Shown.Kind(hosts.First.Namespace, device).GetProperty("id").GetInt32(), Is.EqualTo(761));
        agents.MustKeepApart("net-761", "net-762");
        agents.First.Apply(HostConfig.Empty, allowDisruption: true).MustBe(ChangeOutcome.Applied);
    }

    private static Network Vlan(int vid, string label) => new()
    {
        Id = $"net-{vid}",
        PhysicalNetwork = label,
        Isolation = new VlanIsolation(vid),
    };
}
