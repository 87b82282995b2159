using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Bridge, Feature.Vxlan, Feature.Veth)]
public class ForwardingTests
{
    private static readonly MacAddress Guest = MacAddress.Parse("02:00:00:00:00:07");

    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;
    private int _vxlan;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _socket = _host.Run(RouteSocket.Open);
        _vxlan = _socket.Make(new()
        {
            Name = "vxlan7", Kind = LinkKind.Vxlan, Alias = "", Mtu = 1450, Vxlan = new VxlanSettings(7, 4789, null, null, 0, Learning: false),
        }).Index;
    }

    [TearDown]
    public void Close()
    {
        _socket.Dispose();
        _host.Dispose();
    }

    [Test]
    public void FloodEntries_Appended_StandBesideEachOther()
    {
        var batch = _socket.NewBatch();
        for (var i = 1; i <= 200; i++)
        {
            batch.AddForwarding(Flood($"192.0.2.{i}"), append: true);
        }

        Assert.That(batch.Send(), Is.All.Null);
        Assert.That(
            _socket.ReadForwarding(_vxlan), Is.EquivalentTo(Enumerable.Range(1, 200).Select(i => Flood($"192.0.2.{i}"))));

        _socket.Apply(b => b.AddForwarding(Flood("192.0.2.9"), append: true));
        _socket.Apply(b => b.RemoveForwarding(Flood("192.0.2.7")));

        var left = _socket.ReadForwarding(_vxlan);
        Assert.That(left, Has.Count.EqualTo(199), "one that is there already is not there twice");
        Assert.That(left, Does.Not.Contain(Flood("192.0.2.7")));
        Assert.That(_host.Exec("bridge", "fdb", "show", "dev", "vxlan7").Output, Does.Contain("00:00:00:00:00:00 dst 192.0.2.9 self permanent"));
    }

    [Test]
    public void UnicastEntry_AddedAgainWithAnotherPeer_Moves()
    {
        var first = new ForwardingEntry(_vxlan, Guest, IPAddress.Parse("192.0.2.1")) { Permanent = true };
        var second = first with { Peer = IPAddress.Parse("192.0.2.2") };
        _socket.Apply(b => b.AddForwarding(first, append: false));
        _socket.Apply(b => b.AddForwarding(second, append: false));

        Assert.That(_socket.ReadForwarding(_vxlan), Is.EqualTo(new[] { second }));
    }

    [Test]
    public void Entry_MarkedExternal_IsReadBackSo()
    {
        var entry = new ForwardingEntry(_vxlan, Guest, IPAddress.Parse("192.0.2.1")) { Permanent = true, External = true };
        _socket.Apply(b => b.AddForwarding(entry, append: false));

        Assert.That(_socket.ReadForwarding(_vxlan), Is.EqualTo(new[] { entry }));
        Assert.That(_host.Exec("bridge", "fdb", "show", "dev", "vxlan7").Output, Does.Contain("extern_learn"));
    }

    [Test]
    public void Entry_OnAnIpv6Underlay_HasAnIpv6Peer()
    {
        _host.Exec("ip", "link", "add", "name", "vx6", "type", "vxlan", "id", "8", "dstport", "4790", "local", "::1", "nolearning");
        var entry = new ForwardingEntry(_socket.ReadLink("vx6")!.Index, default, IPAddress.Parse("2001:db8::9")) { Permanent = true };
        _socket.Apply(b => b.AddForwarding(entry, append: true));

        Assert.That(_socket.ReadForwarding(entry.Link), Is.EqualTo(new[] { entry }));
    }

    [Test]
    public void Entry_ThatIsNotThere_CannotBeRemoved()
    {
        var batch = _socket.NewBatch();
        batch.RemoveForwarding(Flood("192.0.2.1"));

        var refusal = batch.Send()[0]!;

        Assert.That(refusal.IsNotFound, Is.True);
        Assert.That(refusal.ToString(), Does.StartWith($"delneigh 00:00:00:00:00:00 at 192.0.2.1 link {_vxlan}: ENOENT"));
    }

    [Test]
    public void BridgeEntry_OfAMember_IsPinnedThereAndIsNotTheHosts()
    {
        _host.Ip(
            "link add name cloudbr0 type bridge",
            "link add name vnet0 type veth peer name other",
            "link set vnet0 master cloudbr0");
        var port = _socket.ReadLink("vnet0")!.Index;
        var entry = new ForwardingEntry(port, Guest, Peer: null) { Permanent = true };

        _socket.Apply(b => b.AddForwarding(entry, append: false));

        // A kernel with VLAN filtering adds the same again for each VLAN of the member.
        var entries = _socket.ReadForwarding(port).Where(e => e.Mac == Guest).ToList();
        Assert.That(entries, Does.Contain(entry));
        Assert.That(entries.Select(e => e with { Vid = 0 }), Is.All.EqualTo(entry));
        Assert.That(_host.Exec("bridge", "fdb", "show", "dev", "vnet0").Output, Does.Match($"{Guest} (vlan 1 )?master cloudbr0 static"));

        _socket.Apply(b => b.RemoveForwarding(entry));
        Assert.That(_socket.ReadForwarding(port).Where(e => e.Mac == Guest), Is.Empty);
    }

    [Test]
    public void LearnedEntries_AreNotPermanent()
    {
        using var guest = NetNamespace.Create();
        _host.Ip(
            "link add name cloudbr0 up address 02:00:00:00:00:01 type bridge forward_delay 0",
            "address add 10.0.0.1/24 dev cloudbr0");
        VethPair.Connect(new(_host, "vnet0"), new(guest, "eth0", "10.0.0.2/24"));
        guest.Exec("ip", "link", "set", "eth0", "address", Guest.ToString());
        _host.Exec("ip", "link", "set", "vnet0", "master", "cloudbr0");
        guest.Exec("ping", "-n", "-c", "1", "-W", "5", "10.0.0.1");

        var entry = _socket.ReadForwarding(_socket.ReadLink("vnet0")!.Index).Single(e => e.Mac == Guest);

        Assert.That(entry.Permanent, Is.False);
        Assert.That(entry.Peer, Is.Null);
    }

    [Test]
    public void Read_OfAllDevices_HasEachTableOnce()
    {
        _host.Ip(
            "link add name cloudbr0 type bridge",
            "link set vxlan7 master cloudbr0",
            "link add name vnet0 type veth peer name other",
            "link set vnet0 master cloudbr0");
        var flood = Flood("192.0.2.1");
        _socket.Apply(b => b.AddForwarding(flood, append: true));

        var all = _socket.ReadForwarding();

        Assert.That(all.Where(e => e.Peer is not null), Is.EqualTo(new[] { flood }));
        Assert.That(all.Where(e => e.Link == _vxlan), Is.EquivalentTo(_socket.ReadForwarding(_vxlan)));
        Assert.That(all.Select(e => e.Link), Does.Contain(_socket.ReadLink("vnet0")!.Index));
    }

    private ForwardingEntry Flood(string peer) => new(_vxlan, default, IPAddress.Parse(peer)) { Permanent = true };
}
