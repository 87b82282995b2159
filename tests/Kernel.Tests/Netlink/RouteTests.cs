using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Veth)]
public class RouteTests
{
    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _socket = _host.Run(RouteSocket.Open);

        // No link-local addresses, which would come a second later with routes of their own.
        _host.Ip(
            "link add name eth0 type veth peer name eth1",
            "link set eth0 addrgenmode none",
            "link set eth0 up",
            "link set eth1 addrgenmode none",
            "link set eth1 up",
            "address add 192.0.2.1/24 dev eth0",
            "address add 2001:db8::1/64 dev eth0 nodad",
            "nexthop add id 5 via 192.0.2.9 dev eth0");

        // The kernel makes these when it has seen the cable, and when it is done with the address.
        string[] late = ["ff00::/8", "ff00::/8", "2001:db8::1/128"];
        _host.WaitUntil(
            "IPv6 has its routes", () => late.Length == _socket.ReadRoutes().Count(r => late.Contains(r.Destination.ToString())));
    }

    [TearDown]
    public void Close()
    {
        _socket.Dispose();
        _host.Dispose();
    }

    [TestCase(false, "default", "via", "192.0.2.254")]
    [TestCase(false, "default", "via", "192.0.2.254", "metric", "100", "src", "192.0.2.1", "proto", "dhcp")]
    [TestCase(false, "198.51.100.0/24", "via", "203.0.113.1", "dev", "eth0", "onlink")]
    [TestCase(false, "198.51.100.0/24", "dev", "eth0", "scope", "link", "mtu", "lock", "1300", "advmss", "1200", "initcwnd", "30")]
    [TestCase(false, "198.51.100.0/24", "via", "192.0.2.254", "table", "1234", "metric", "7")]
    [TestCase(false, "198.51.100.0/24", "via", "192.0.2.254", "tos", "0x10")]
    [TestCase(false, "198.51.100.0/24", "via", "inet6", "fe80::1", "dev", "eth0")]
    [TestCase(false, "blackhole", "198.51.100.0/24")]
    [TestCase(false, "unreachable", "2001:db8:1::/48", "metric", "5")]
    [TestCase(false, "default", "via", "fe80::1", "dev", "eth0", "metric", "10", "pref", "high")]
    [TestCase(false, "2001:db8:1::/48", "via", "2001:db8::2", "mtu", "1400", "proto", "static")]
    [TestCase(false, "2001:db8:1::/48", "via", "2001:db8::2", "table", "1234")]
    [TestCase(true, "198.51.100.0/24", "nexthop", "via", "192.0.2.2", "weight", "3", "nexthop", "via", "192.0.2.3", "dev", "eth0", "onlink")]
    [TestCase(true, "2001:db8:1::/48", "nexthop", "via", "2001:db8::2", "nexthop", "via", "2001:db8::3")]
    [TestCase(true, "198.51.100.0/24", "nhid", "5")]
    public void Route_RemovedAndAddedAgain_IsUnchanged(bool compound, params string[] route)
    {
        var before = _socket.ReadRoutes();
        var family = route.Any(word => word.Contains("::", StringComparison.Ordinal)) && !route.Contains("inet6") ? "-6" : "-4";
        _host.Exec(["ip", family, "route", "add", .. route]);
        var shown = Shown(family);
        var added = _socket.ReadRoutes().Except(before).Single();
        Assert.That(added.IsCompound, Is.EqualTo(compound));

        _socket.Apply(batch => batch.RemoveRoute(added));
        Assert.That(_socket.ReadRoutes(), Is.EquivalentTo(before));
        _socket.Apply(batch => batch.AddRoute(added, replace: false));

        Assert.That(Shown(family), Is.EqualTo(shown));
        Assert.That(_socket.ReadRoutes().Except(before).Single(), Is.EqualTo(added));
    }

    [Test]
    public void Route_WithALifetime_KeepsIt()
    {
        _host.Exec("ip", "-6", "route", "add", "2001:db8:1::/48", "via", "2001:db8::2", "expires", "5000");
        var route = Find("2001:db8:1::/48");

        _socket.Apply(batch => batch.RemoveRoute(route));
        _socket.Apply(batch => batch.AddRoute(route, replace: false));

        Assert.That(_host.Exec("ip", "-6", "route", "show", "2001:db8:1::/48").Output, Does.Match("expires (4[89]..|5000)sec"));
    }

    [Test]
    public void Route_ThatIsThereAlready_IsRefusedOrReplaced()
    {
        _host.Exec("ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2");
        var route = Find("198.51.100.0/24");
        var other = route with { Gateway = System.Net.IPAddress.Parse("192.0.2.3"), Protocol = RouteProtocol.Agent };
        var batch = _socket.NewBatch();
        batch.AddRoute(route, replace: false);
        batch.AddRoute(other, replace: true);
        batch.RemoveRoute(route);

        var refusals = batch.Send();

        Assert.That(refusals[0]!.IsAlreadyThere, Is.True);
        Assert.That(refusals[0]!.ToString(), Does.StartWith("newroute 198.51.100.0/24 table 254 link "));
        Assert.That(refusals[1], Is.Null);
        Assert.That(refusals[2]!.IsNotFound, Is.True, "the other gateway's route is another route");
        Assert.That(Find("198.51.100.0/24"), Is.EqualTo(other));
    }

    [Test]
    public void Read_HasAllTablesAndBothFamilies()
    {
        var routes = _socket.ReadRoutes();

        var link = _socket.ReadLink("eth0")!.Index;
        Assert.That(
            routes.Where(r => r.Link == link && r.Destination.IsIpv4).Select(r => $"{r.Destination} {r.Table} {r.Type} {r.Scope} {r.Protocol}"),
            Is.EquivalentTo(new[] { "192.0.2.0/24 254 1 253 2", "192.0.2.1/32 255 2 254 2", "192.0.2.255/32 255 3 253 2" }));
        Assert.That(routes.Select(r => r.Destination.ToString()), Does.Contain("2001:db8::/64"));
        Assert.That(routes.Single(r => r.Destination.ToString() == "192.0.2.0/24").PreferredSource!.ToString(), Is.EqualTo("192.0.2.1"));
    }

    private Route Find(string destination) => _socket.ReadRoutes().Single(r => r.Destination.ToString() == destination);

    private string Shown(string family) => _host.Exec("ip", "-json", "-details", family, "route", "show", "table", "all").Output;
}
