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
    public void Label_ThatNamesTheUplink_CarriesVlansApart() => MustCarryApart(Underlay.Cable(), "eth0", "eth0.761", "breth0-761");

    [Test]
    public void Label_ThatNamesTheBridge_CarriesVlansOnItsUplink()
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            new CloudStackDevices(host.Namespace).AddPhysicalBridge(host.Uplink, [$"{host.Ipv4}/24"]);
        }

        MustCarryApart(hosts, "cloudbr0", "eth0.761", "breth0-761");
        Ping.UntilAnswered(hosts.First.Namespace, hosts.Second.Ipv4, TimeSpan.FromSeconds(30));
    }

    [Test]
    public void Uplink_ThatIsAVlanItself_CarriesVlansInIt() =>
        MustCarryApart(Underlay.Vlan(), "eth0.100", "eth0.100.761", "breth0.100-761");

    [Test, Needs(Feature.Bonding)]
    public void Uplink_ThatIsABond_CarriesVlans() => MustCarryApart(Underlay.Bond(), "bond0", "bond0.761", "brbond0-761");

    [Test]
    public void Names_ThatAreTooLong_AreShortAndFoundByTheLongOne()
    {
        using var hosts = TwoHosts.Create();
        foreach (var host in hosts.Both)
        {
            host.Namespace.Ip("link set eth0 down", "link set eth0 name enp129s0f1np1", "link set enp129s0f1np1 up");
        }

        using var agents = new TwoAgents(hosts);
        var config = Config(CheckOnly("enp129s0f1np1"), Vlan(761) with { PhysicalNetwork = "enp129s0f1np1" });

        agents.Apply(config);

        agents.First.MustBeSettled(config);
        var design = agents.First.View.Desired.Networks["net-761"];
        foreach (var (name, longName) in new[]
        {
            (design.Device.Name, "enp129s0f1np1.761"), (design.Bridge.Name, "brenp129s0f1np1-761"),
        })
        {
            Assert.That(name, Has.Length.EqualTo(15));
            Assert.That(Shown.Link(hosts.First.Namespace, longName).GetProperty("ifname").GetString(), Is.EqualTo(name));
        }

        var (left, _) = agents.AddGuests("net-761");
        left.WaitUntilReaches(RightAddress);
        agents.First.Apply(HostConfig.Empty).MustBe(ChangeOutcome.Applied);
        Assert.That(hosts.First.Namespace.TryExec(["ip", "link", "show", "dev", "enp129s0f1np1.761"]).Succeeded, Is.False);
    }

    private static void MustCarryApart(Underlay underlay, string label, string device, string bridge)
    {
        using var hosts = TwoHosts.Create(underlay);
        MustCarryApart(hosts, label, device, bridge);
    }

    private static void MustCarryApart(TwoHosts hosts, string label, string device, string bridge)
    {
        using var agents = new TwoAgents(hosts);
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var config = Config(CheckOnly(label), new[] { 761, 762 }.Select(vid => Vlan(vid) with { PhysicalNetwork = label }));

        agents.Apply(config);

        agents.First.MustBeSettled(config);
        Assert.That(Shown.Link(hosts.First.Namespace, device).GetProperty("master").GetString(), Is.EqualTo(bridge));
        Assert.That(Shown.Kind(hosts.First.Namespace, device).GetProperty("id").GetInt32(), Is.EqualTo(761));
        agents.MustKeepApart("net-761", "net-762");
        agents.First.Apply(HostConfig.Empty, allowDisruption: true).MustBe(ChangeOutcome.Applied);
        Assert.That(
            HostSnapshot.Of(hosts.First.Namespace, d => !d.StartsWith("vnet", StringComparison.Ordinal)), HostSnapshot.SameAs(before));
    }

    private static Network Vlan(int vid) => new()
    {
        Id = $"net-{vid}",
        PhysicalNetwork = "eth0",
        Isolation = new VlanIsolation(vid),
    };
}
