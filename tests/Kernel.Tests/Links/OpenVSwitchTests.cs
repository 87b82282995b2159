using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A real Open vSwitch has the uplink: the agent names it and leaves everything to it.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.OpenVSwitch)]
public sealed class OpenVSwitchTests
{
    private const string Bridge = "br-ovs";
    private const string Holder = $"the uplink eth0 belongs to {OpenVSwitch.Datapath} (openvswitch)";

    private static readonly PhysicalNetwork Managed = AgentHostScene.Manage("cloudbr0");

    private TwoHosts _hosts = null!;
    private OpenVSwitch _switch = null!;

    private NetNamespace Network => _hosts.First.Namespace;

    [SetUp]
    public async Task GiveTheUplinkToOpenVSwitch()
    {
        _hosts = TwoHosts.Create();
        _switch = await OpenVSwitch.StartAsync(Network);
        _switch.Control("add-br", Bridge, "--", "add-port", Bridge, "eth0");
        Network.Ip("address flush dev eth0 scope global", $"link set {Bridge} up", $"address add {_hosts.First.Ipv4}/24 dev {Bridge}");
        Ping.UntilAnswered(Network, _hosts.Second.Ipv4, KernelEvents.DefaultLimit);
    }

    [TearDown]
    public void Leave()
    {
        _switch?.Dispose();
        _hosts.Dispose();
    }

    [Test, Needs(Feature.Vlan)]
    public void Uplink_ThatItHas_IsRefusedNamingTheHolder_AndTakenOnceItLetsGo()
    {
        using var host = new AgentHostScene(Network);
        var (before, configured) = (HostSnapshot.Of(Network), _switch.Control("show"));

        MustBeRefused(host, Managed, [], Holder);
        MustBeRefused(host, AgentHostScene.Manage("eth0", uplink: "", mtu: 1400), [], Holder);
        MustBeRefused(host, AgentHostScene.CheckOnly("eth0"), [Vlan("eth0")], Holder);
        MustBeRefused(host, AgentHostScene.CheckOnly(Bridge), [Vlan(Bridge)], $"{Bridge} is an Open vSwitch bridge");

        Assert.That(host.Writes, Is.Zero);
        Assert.That(HostSnapshot.Of(Network), HostSnapshot.SameAs(before));
        Assert.That(_switch.Control("show"), Is.EqualTo(configured));
        Assert.That(Ping.From(Network, _hosts.Second.Ipv4, 1, []), Is.EqualTo(new Ping(1, 1)));

        _switch.Control("del-port", Bridge, "eth0");
        host.WaitUntil("eth0 is free", view => view.State.Find("eth0")!.Master == 0);

        Expect.AppliedForGood(host, () => host.Apply(AgentHostScene.Config(Managed)));
        Assert.That(Shown.Link(Network, "eth0").GetProperty("master").GetString(), Is.EqualTo("cloudbr0"));
    }

    private static void MustBeRefused(AgentHostScene host, PhysicalNetwork physical, IReadOnlyList<Network> networks, string words)
    {
        Assert.That(host.Check(physical).Result, Is.EqualTo(PhysicalCheckResult.Conflict), words);
        Assert.That(Expect.Undone(host.Apply(AgentHostScene.Config(physical, networks)), "HELD_BY_OTHER").Message, Does.StartWith(words));
    }

    private static Network Vlan(string label) => new()
    {
        Id = "net-761",
        PhysicalNetwork = label,
        Isolation = new VlanIsolation(761),
    };
}
