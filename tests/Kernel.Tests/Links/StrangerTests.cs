using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>Others work on the same host, at the same moment, with the same names.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class StrangerTests
{
    private static readonly HostConfig Config =
        AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), AgentHostScene.Vxlan(101, new VxlanMulticast(null)));

    private TwoHosts _hosts = null!;
    private AgentHostScene _host = null!;

    [SetUp]
    public void Start()
    {
        _hosts = TwoHosts.Create();
        _host = new AgentHostScene(_hosts.First.Namespace);
    }

    [TearDown]
    public void Leave()
    {
        _host.Dispose();
        _hosts.Dispose();
    }

    [Test]
    public void Devices_MadeByOthersJustBeforeOurs_AreAdoptedWhereTheyFit()
    {
        _host.BeforeApply = () => new CloudStackDevices(_hosts.First.Namespace).AddVxlan("eth0", 101, 4789);

        Expect.AppliedForGood(_host, () => _host.Apply(Config));

        AssertInPlace();
    }

    [TestCase("link add name vxlan101 type vxlan id 555 dstport 4789 dev eth0", "DEVICE_EXISTS")]
    [TestCase("link add name vxlan101 type veth peer name x", "DEVICE_EXISTS")]
    [TestCase("link add name brvx-101 type veth peer name x", "NOT_SUPPORTED")]
    [MachineOnly]
    public void Device_MadeByOthersJustBeforeOursThatDoesNotFit_StaysAndAllElseIsUndone(string command, string reason)
    {
        var before = HostSnapshot.Of(_hosts.First.Namespace, IsNotTheirs);
        _host.BeforeApply = () => _hosts.First.Namespace.Ip(command, $"link set {command.Split(' ')[3]} alias theirs");

        var failure = Expect.Undone(_host.Apply(Config), reason);

        Assert.That(failure.Subject.Name, Is.EqualTo("vxlan101"));
        var state = _host.View.State;
        Assert.That(state.Find(command.Split(' ')[3])?.Alias, Is.EqualTo("theirs"));
        Assert.That(state.OwnedAliases, Is.Empty);
        Assert.That(HostSnapshot.Of(_hosts.First.Namespace, IsNotTheirs), HostSnapshot.SameAs(before));
    }

    [Test]
    public void Number_TakenByADeviceOfAnotherName_IsToldAndAllIsUndone([Values] bool justBefore)
    {
        var network = _hosts.First.Namespace;
        const string Theirs = "link add name theirs type vxlan id 101 dstport 4789 dev eth0 group 239.0.0.101";
        if (justBefore)
        {
            _host.BeforeApply = () => network.Ip(Theirs);
        }
        else
        {
            network.Ip(Theirs);
        }

        var report = _host.Apply(Config);

        var failure = Expect.Undone(report, "ALREADY_THERE");
        Assert.That(failure.Subject.Name, Is.EqualTo("vxlan101"));
        Assert.That(failure.Evidence, Does.Contain("VNI"));
        Assert.That(_host.View.State.OwnedAliases, Is.Empty);
        Assert.That(network.Exec("ip", "-o", "link").Output, Does.Contain("theirs").And.Not.Contain("brvx-101"));
    }

    [Test]
    [MachineOnly]
    public void Devices_RemovedByOthersDuringTheRemoval_AreGoneAsTheyShould([Values("vxlan101", "brvx-101")] string device)
    {
        Expect.Applied(_host.Apply(Config));
        _host.BeforeApply = () => _hosts.First.Namespace.Ip($"link del {device}");

        Expect.Applied(_host.Apply(HostConfig.Empty));

        Assert.That(_host.View.State.Find("vxlan101"), Is.Null);
        Assert.That(_host.View.State.Find("brvx-101"), Is.Null);
    }

    [TestCase("link del vxlan101")]
    [TestCase("link del brvx-101")]
    [TestCase("link set vxlan101 mtu 1200")]
    [TestCase("link set brvx-101 mtu 1200")]
    [TestCase("link set brvx-101 address 02:00:00:00:00:77")]
    [TestCase("link set vxlan101 nomaster")]
    [TestCase("link set vxlan101 down")]
    [TestCase("link set brvx-101 down")]
    [TestCase("link set brvx-101 type bridge forward_delay 1500 mcast_snooping 1")]
    [TestCase("link set vxlan101 type vxlan ttl 33")]
    [TestCase("link set vxlan101 type bridge_slave learning off")]
    [TestCase("link set vxlan101 alias mine")]
    [TestCase("route del 239.0.0.101/32 dev eth0")]
    [MachineOnly]
    public void Drift_IsSeenWithoutReadingAnewAndPutRight(string command)
    {
        Expect.Applied(_host.Apply(Config));
        foreach (var mend in new Func<ChangeReport>[] { () => _host.Apply(Config), () => _host.Resync() })
        {
            var state = _host.View.State;
            _hosts.First.Namespace.Ip(command);
            _host.WaitUntil(command, view => !ReferenceEquals(view.State, state));

            Expect.AppliedForGood(_host, mend);

            AssertInPlace();
        }

        Assert.That(_host.ReadAnew, Is.Zero);
    }

    [Test]
    public void ForwardingEntries_ThatOthersChanged_ArePutRight()
    {
        var peer = System.Net.IPAddress.Parse("192.0.2.2");
        var config = AgentHostScene.Config(
            AgentHostScene.CheckOnly("eth0"), AgentHostScene.Vxlan(201, new VxlanStatic([peer], [], null)));
        Expect.Applied(_host.Apply(config));
        var index = _host.View.State.Find("vxlan201")!.Index;
        foreach (var mend in new Func<ChangeReport>[] { () => _host.Apply(config), () => _host.Resync() })
        {
            _hosts.First.Namespace.Exec("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", "vxlan201", "dst", "192.0.2.9");
            _hosts.First.Namespace.Exec("bridge", "fdb", "del", "00:00:00:00:00:00", "dev", "vxlan201", "dst", "192.0.2.2");
            _host.WaitUntil("their entry", view => view.State.Forwarding(index).Select(e => e.Peer!.ToString()).SequenceEqual(["192.0.2.9"]));

            Expect.AppliedForGood(_host, mend);

            Assert.That(_host.View.State.Forwarding(index).Select(e => e.Peer), Is.EqualTo([peer]));
            Assert.That(
                _hosts.First.Namespace.Exec("bridge", "fdb", "show", "dev", "vxlan201").Output,
                Does.Contain("dst 192.0.2.2").And.Not.Contain("192.0.2.9"));
        }
    }

    private static bool IsNotTheirs(string device) => device is "eth0" or "lo";

    private void AssertInPlace()
    {
        var state = _host.View.State;
        var (device, bridge) = (state.Find("vxlan101")!, state.Find("brvx-101")!);
        Assert.That((device.Alias, device.Mtu, device.Up, device.Master), Is.EqualTo(("cloudbr:network:net-101", 1500, true, bridge.Index)));
        Assert.That((bridge.Alias, bridge.Mtu, bridge.Up), Is.EqualTo(("cloudbr:network:net-101", 1500, true)));
        Assert.That(device.Vxlan!.Ttl, Is.EqualTo(10));
        Assert.That(device.Port!.Learning, Is.True);
        Assert.That(state.Routes.Select(r => r.Destination.ToString()), Does.Contain("239.0.0.101/32"));
    }
}
