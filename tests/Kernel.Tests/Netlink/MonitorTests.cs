using System.Diagnostics;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Bridge, Feature.Vxlan, Feature.Veth)]
public class MonitorTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;
    private RouteMonitor _monitor = null!;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _socket = _host.Run(RouteSocket.Open);
        _monitor = _host.Run(RouteMonitor.Open);
    }

    [TearDown]
    public void Close()
    {
        _monitor.Dispose();
        _socket.Dispose();
        _host.Dispose();
    }

    [Test]
    public void Link_MadeChangedAndDeleted_IsReportedWhole()
    {
        var link = _socket.Make(new()
        {
            Name = "vx", Kind = LinkKind.Vxlan, Alias = "", Mtu = 1450, Vxlan = new VxlanSettings(7, 4789, null, null, 0, Learning: false),
        });
        Assert.That(Drain().OfType<LinkChanged>().Last().Link, Is.EqualTo(link));

        // Of a device that is down the kernel does not report a new alias.
        _socket.Change(link, new() { Up = true });
        link = Drain().OfType<LinkChanged>().Last().Link;
        Assert.That(link.Up, Is.True);
        _socket.Change(link, new() { Alias = "cloudbr:network:7" });
        Assert.That(Drain().OfType<LinkChanged>().Last().Link, Is.EqualTo(link with { Alias = "cloudbr:network:7" }));

        _socket.Apply(b => b.DeleteLink(link.Index));
        Assert.That(Drain(), Does.Contain(new LinkRemoved(link.Index, "vx")));
    }

    [Test]
    public void Member_ThatLeavesItsBridge_IsChangedAndNotRemoved()
    {
        var bridge = _socket.Make(new() { Name = "br", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 });
        _host.Exec("ip", "link", "add", "name", "vnet0", "type", "veth", "peer", "name", "other");
        var port = _socket.ReadLink("vnet0")!;
        _socket.Change(port, new() { Master = "br" }, bridge.Index);
        Assert.That(Drain().OfType<LinkChanged>().Last(e => e.Link.Index == port.Index).Link.Master, Is.EqualTo(bridge.Index));

        _socket.Change(port, new() { Master = "" });

        var events = Drain();
        Assert.That(events.OfType<LinkRemoved>(), Is.Empty, "the bridge's own DELLINK is about the membership only");
        Assert.That(events.OfType<LinkChanged>().Last(e => e.Link.Index == port.Index).Link.Master, Is.Zero);
    }

    [Test]
    public void Addresses_AndTheirRoutes_AreReported()
    {
        _host.Ip(
            "link add name eth0 type veth peer name eth1",
            "link set eth0 addrgenmode none",
            "link set eth0 up",
            "link set eth1 addrgenmode none",
            "link set eth1 up");
        var link = _socket.ReadLink("eth0")!.Index;
        Drain();
        var v4 = new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24"));
        var v6 = new InterfaceAddress(IpPrefix.Parse("2001:db8::1/64"));

        _socket.Apply(b => b.AddAddress(link, v4));
        _socket.Apply(b => b.AddAddress(link, v6));

        // The kernel reports an IPv6 address when it is done with it, which is later.
        var events = DrainUntil(all => all.OfType<AddressAdded>().Count() == 2);
        Assert.That(events.OfType<AddressAdded>().Select(e => (e.Link, e.Address.Prefix)), Is.EqualTo(new[] { (link, v4.Prefix), (link, v6.Prefix) }));
        Assert.That(
            events.OfType<RouteAdded>().Select(e => e.Route.Destination.ToString()),
            Is.SupersetOf(new[] { "192.0.2.0/24", "192.0.2.1/32", "2001:db8::/64" }));

        _socket.Apply(b => b.RemoveAddress(link, v4));
        _socket.Apply(b => b.RemoveAddress(link, v6));

        events = DrainUntil(all => all.OfType<AddressRemoved>().Count() == 2);
        Assert.That(events.OfType<AddressRemoved>().Select(e => (e.Link, e.Address.Prefix)), Is.EquivalentTo(new[] { (link, v4.Prefix), (link, v6.Prefix) }));
        Assert.That(events.OfType<RouteRemoved>().Select(e => e.Route.Destination.ToString()), Is.SupersetOf(new[] { "192.0.2.0/24", "2001:db8::/64" }));
    }

    [Test]
    public void ForwardingEntries_AreReported_AndArpIsNot()
    {
        var vxlan = _socket.Make(new()
        {
            Name = "vx", Kind = LinkKind.Vxlan, Alias = "", Mtu = 1450, Vxlan = new VxlanSettings(7, 4789, null, null, 0, Learning: false),
        }).Index;
        Drain();
        var entry = new ForwardingEntry(vxlan, default, IPAddress.Parse("192.0.2.9")) { Permanent = true };
        _host.Exec("ip", "neighbour", "add", "192.0.2.8", "lladdr", "02:00:00:00:00:08", "dev", "vx");

        _socket.Apply(b => b.AddForwarding(entry, append: true));
        _socket.Apply(b => b.RemoveForwarding(entry));

        Assert.That(Drain(), Is.EqualTo(new RouteEvent[] { new ForwardingAdded(entry), new ForwardingRemoved(entry) }));
    }

    [Test]
    public void Drain_AfterMoreThanTheBufferHolds_SaysThatSomeAreLost_AndThenHearsAgain()
    {
        using var small = _host.Run(() => RouteMonitor.Open(receiveBuffer: 4096));
        var vxlan = _socket.Make(new()
        {
            Name = "vx", Kind = LinkKind.Vxlan, Alias = "", Mtu = 1450, Vxlan = new VxlanSettings(7, 4789, null, null, 0, Learning: false),
        }).Index;
        var batch = _socket.NewBatch();
        for (var i = 0; i < 500; i++)
        {
            batch.AddForwarding(new ForwardingEntry(vxlan, default, new IPAddress([10, 0, (byte)(i >> 8), (byte)i])), append: true);
        }

        Assert.That(batch.Send(), Is.All.Null);

        List<RouteEvent> events = [];
        Assert.That(small.Drain(events), Is.False);
        Assert.That(events, Has.Count.LessThan(500));

        var later = new ForwardingEntry(vxlan, default, IPAddress.Parse("192.0.2.9")) { Permanent = true };
        _socket.Apply(b => b.AddForwarding(later, append: true));
        events.Clear();
        Assert.That(small.Drain(events), Is.True);
        Assert.That(events, Is.EqualTo(new RouteEvent[] { new ForwardingAdded(later) }));

        List<RouteEvent> all = [];
        Assert.That(_monitor.Drain(all), Is.True, "the buffer that the agent uses holds them");
        Assert.That(all.OfType<ForwardingAdded>().Count(), Is.EqualTo(501));
    }

    [Test]
    public void Wait_EndsWhenSomethingHappens()
    {
        var waiting = new Thread(() => _monitor.Wait(null));
        waiting.Start();

        _socket.Make(new() { Name = "br", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 });

        Assert.That(waiting.Join(Limit), Is.True);
        Assert.That(Drain().OfType<LinkChanged>().Select(e => e.Link.Name), Does.Contain("br"));
    }

    [Test]
    public void Wait_EndsWhenAnotherThreadWakesIt_EachTime()
    {
        Drain();
        var waiting = new Thread(() => _monitor.Wait(null));
        waiting.Start();
        _monitor.Wake();
        Assert.That(waiting.Join(Limit), Is.True);

        // With nothing to wake it, only the limit ends it.
        _monitor.Wait(TimeSpan.FromMilliseconds(1));
        var again = new Thread(() => _monitor.Wait(null));
        again.Start();
        _monitor.Wake();
        Assert.That(again.Join(Limit), Is.True);
    }

    [Test]
    public void Wait_EndsWhenTheTimeIsUp()
    {
        Drain();
        _monitor.Wait(TimeSpan.Zero);
        _monitor.Wait(TimeSpan.FromMilliseconds(1));

        Assert.That(Drain(), Is.Empty);
    }

    [Test]
    public void Monitor_OfAnotherNamespace_HearsThatOne()
    {
        using var handle = File.OpenHandle(_host.Path);
        using var outside = RouteMonitor.Open(handle);

        _socket.Make(new() { Name = "br", Kind = LinkKind.Bridge, Alias = "", Mtu = 1500 });

        List<RouteEvent> events = [];
        Assert.That(outside.Drain(events), Is.True);
        Assert.That(events.OfType<LinkChanged>().Select(e => e.Link.Name), Does.Contain("br"));
    }

    private List<RouteEvent> Drain()
    {
        List<RouteEvent> events = [];
        Assert.That(_monitor.Drain(events), Is.True);
        return events;
    }

    private List<RouteEvent> DrainUntil(Func<List<RouteEvent>, bool> isEnough)
    {
        List<RouteEvent> events = [];
        var clock = Stopwatch.StartNew();
        while (!isEnough(events))
        {
            Assert.That(clock.Elapsed, Is.LessThan(Limit), () => string.Join("\n", events));
            _monitor.Wait(Limit);
            Assert.That(_monitor.Drain(events), Is.True);
        }

        return events;
    }
}
