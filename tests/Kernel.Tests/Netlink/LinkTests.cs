using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Bridge, Feature.Vxlan, Feature.Veth)]
public class LinkTests
{
    private static readonly BridgeSettings Settings = new(
        Stp: false, ForwardDelayMs: 0, MulticastSnooping: false, MulticastQuerier: false, GroupFwdMask: 8, AgeingMs: 120_000);

    private static readonly LinkSpec Bridge = new()
    {
        Name = "brvx-101", Kind = LinkKind.Bridge, Alias = "cloudbr:network:101", Mtu = 1450,
        Mac = MacAddress.Parse("02:00:00:00:01:01"), Bridge = Settings,
    };

    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _socket = _host.Run(RouteSocket.Open);
    }

    [TearDown]
    public void Close()
    {
        _socket.Dispose();
        _host.Dispose();
    }

    [Test]
    public void Bridge_MadeWithAllItsSettings_IsReadBackAsItWasAskedFor()
    {
        _socket.Make(Bridge, up: true);

        var link = _socket.ReadLink("brvx-101")!;
        Assert.That(link.Kind, Is.EqualTo("bridge"));
        Assert.That(link.Bridge, Is.EqualTo(Settings));
        Assert.That(link.Mtu, Is.EqualTo(1450));
        Assert.That(link.Mac, Is.EqualTo(Bridge.Mac));
        Assert.That(link.Up, Is.True);
        Assert.That(link.Ipv6Off, Is.False);
        Assert.That(link.Alias, Is.Empty, "the kernel takes no alias at creation");
    }

    [Test]
    public void Vxlan_MadeOnAParentInABridge_IsReadBackAsItWasAskedFor()
    {
        _host.Exec("ip", "link", "add", "name", "under", "type", "veth", "peer", "name", "other");
        var under = _socket.ReadLink("under")!;
        var bridge = _socket.Make(Bridge);
        var spec = new LinkSpec
        {
            Name = "vxlan101", Kind = LinkKind.Vxlan, Alias = "cloudbr:network:101", Mtu = 1400,
            Vxlan = new VxlanSettings(101, 4789, IPAddress("192.0.2.1"), IPAddress("239.0.0.101"), Ttl: 9, Learning: true),
        };

        var link = _socket.Make(spec, under.Index, bridge.Index);

        Assert.That(link.Vxlan, Is.EqualTo(spec.Vxlan));
        Assert.That(link.Parent, Is.EqualTo(under.Index));
        Assert.That(link.Master, Is.EqualTo(bridge.Index));
        Assert.That(link.MasterKind, Is.EqualTo("bridge"));
        Assert.That(link.Port, Is.EqualTo(new BridgePortSettings(Learning: true, NeighbourSuppression: false)));
        Assert.That(link.Mtu, Is.EqualTo(1400));
    }

    [Test]
    public void Vxlan_OverIpv6_IsReadBackAsItWasAskedFor()
    {
        _host.Exec("ip", "link", "add", "name", "under", "type", "veth", "peer", "name", "other");
        var under = _socket.ReadLink("under")!;
        var settings = new VxlanSettings(16_777_215, 4790, IPAddress("2001:db8::1"), IPAddress("ff05::100"), Ttl: 0, Learning: false);

        var link = _socket.Make(new() { Name = "vx6", Kind = LinkKind.Vxlan, Alias = "", Mtu = 0, Vxlan = settings }, under.Index);

        Assert.That(link.Vxlan, Is.EqualTo(settings));
        Assert.That(link.Parent, Is.EqualTo(under.Index));
    }

    [Test]
    public void Link_WhoseParentIsInAnotherNamespace_HasNoParentHere()
    {
        using var other = NetNamespace.Create();
        _host.Ip(
            "link add name under type veth peer name other",
            "link add name vx type vxlan id 7 dstport 4789 group 239.0.0.7 dev under");
        _host.Exec("ip", "link", "set", "vx", "netns", other.Path);
        using var socket = other.Run(RouteSocket.Open);

        var link = socket.ReadLink("vx")!;

        Assert.That(link.Vxlan!.Vni, Is.EqualTo(7));
        Assert.That(link.Parent, Is.Zero);
    }

    [Test]
    public void Veth_StandsOnNothing()
    {
        _host.Exec("ip", "link", "add", "name", "left", "type", "veth", "peer", "name", "right");

        Assert.That(_socket.ReadLink("left")!.Parent, Is.Zero);
        Assert.That(_socket.ReadLink("left")!.Kind, Is.EqualTo(LinkKind.Veth));
    }

    [Test, Needs(Feature.Vlan)]
    public void Vlan_MadeOnAParent_IsReadBackAsItWasAskedFor()
    {
        _host.Exec("ip", "link", "add", "name", "eth0", "type", "veth", "peer", "name", "other");
        var parent = _socket.ReadLink("eth0")!;

        var link = _socket.Make(
            new() { Name = "eth0.761", Kind = LinkKind.Vlan, Alias = "", Mtu = 1400, Vlan = new VlanSettings(761) }, parent.Index);

        Assert.That(link.Vlan, Is.EqualTo(new VlanSettings(761)));
        Assert.That(link.Parent, Is.EqualTo(parent.Index));
        Assert.That(link.Mtu, Is.EqualTo(1400));
    }

    [Test]
    public void Change_OfEverythingABridgeHas_IsReadBack()
    {
        var link = _socket.Make(Bridge);
        var wanted = new BridgeSettings(
            Stp: true, ForwardDelayMs: 4000, MulticastSnooping: true, MulticastQuerier: true, GroupFwdMask: 16, AgeingMs: 90_000);

        _socket.Change(link, new()
        {
            Alias = "cloudbr:network:ä", Mac = MacAddress.Parse("02:00:00:00:09:09"), Mtu = 1300, Up = true, Bridge = wanted,
        });

        var changed = _socket.ReadLink(link.Index)!;
        Assert.That(changed, Is.EqualTo(link with
        {
            Alias = "cloudbr:network:ä",
            Mac = MacAddress.Parse("02:00:00:00:09:09"),
            Mtu = 1300,
            Up = true,
            Bridge = wanted,
            OperState = changed.OperState,
            Carrier = changed.Carrier,
        }));

        _socket.Change(changed, new() { Up = false, Bridge = Settings });

        Assert.That(_socket.ReadLink(link.Index)!.Bridge, Is.EqualTo(Settings), "STP with no delay is refused unless it is switched off first");
        Assert.That(_socket.ReadLink(link.Index)!.Up, Is.False);
    }

    [Test]
    public void Change_OfAMember_JoinsSetsAndLeaves()
    {
        var bridge = _socket.Make(Bridge);
        _host.Exec("ip", "link", "add", "name", "vnet0", "type", "veth", "peer", "name", "other");
        var port = _socket.ReadLink("vnet0")!;

        _socket.Change(port, new() { Master = "brvx-101", Port = new(Learning: false, NeighbourSuppression: true) }, bridge.Index);

        var member = _socket.ReadLink("vnet0")!;
        Assert.That(member.Master, Is.EqualTo(bridge.Index));
        Assert.That(member.Port, Is.EqualTo(new BridgePortSettings(Learning: false, NeighbourSuppression: true)));

        _socket.Change(member, new() { Master = "" });

        Assert.That(_socket.ReadLink("vnet0")!.Master, Is.Zero);
        Assert.That(_socket.ReadLink("vnet0")!.Port, Is.Null);
    }

    [Test]
    public void Change_OfAVxlan_SetsTtlAndLearning()
    {
        var settings = new VxlanSettings(7, 4789, null, null, Ttl: 0, Learning: true);
        var link = _socket.Make(new() { Name = "vx", Kind = LinkKind.Vxlan, Alias = "", Mtu = 1450, Vxlan = settings });

        _socket.Change(link, new() { Vxlan = settings with { Ttl = 64, Learning = false } });

        Assert.That(_socket.ReadLink("vx")!.Vxlan, Is.EqualTo(settings with { Ttl = 64, Learning = false }));
    }

    [TestCase(false, 1400)]
    [TestCase(true, 1500)]
    public void Mtu_OfABridge_StaysOnlyIfPinned(bool pinned, int afterwards)
    {
        var bridge = _socket.Make(Bridge with { Mtu = 1500 });
        _socket.Change(bridge, new() { Mtu = 1500, PinMtu = pinned });
        _host.Exec("ip", "link", "add", "name", "vnet0", "mtu", "1400", "type", "veth", "peer", "name", "other");

        _socket.Change(_socket.ReadLink("vnet0")!, new() { Master = "brvx-101" }, bridge.Index);

        Assert.That(_socket.ReadLink(bridge.Index)!.Mtu, Is.EqualTo(afterwards));
    }

    [Test]
    public void Mtu_OfTheLargestSize_CanBePinnedToo()
    {
        var bridge = _socket.Make(Bridge);

        _socket.Change(bridge, new() { Mtu = 65535, PinMtu = true });

        Assert.That(_socket.ReadLink(bridge.Index)!.Mtu, Is.EqualTo(65535));
    }

    [Test]
    public void AltName_Added_FindsTheLinkUntilItIsRemoved()
    {
        var link = _socket.Make(Bridge);
        const string Long = "bridge-of-the-network-with-the-very-long-name";
        var batch = _socket.NewBatch();
        batch.AddAltName(link.Index, Long);
        batch.AddAltName(link.Index, "short");
        Assert.That(batch.Send(), Is.All.Null);

        Assert.That(_socket.ReadLink(Long)!.Index, Is.EqualTo(link.Index));
        Assert.That(_socket.ReadLink("short")!.AltNames, Is.EqualTo(ValueList.Create<string>([Long, "short"])));

        batch.RemoveAltName(link.Index, Long);
        batch.RemoveAltName(link.Index, "never there");
        var refusals = batch.Send();

        Assert.That(refusals[0], Is.Null);
        Assert.That(refusals[1]!.IsNotFound, Is.True);
        Assert.That(_socket.ReadLink(Long), Is.Null);
        Assert.That(_socket.ReadLink("short"), Is.Not.Null);
    }

    [Test]
    public void Delete_OfALink_TakesItAway_AndASecondTimeFindsNone()
    {
        var link = _socket.Make(Bridge);
        var batch = _socket.NewBatch();
        batch.DeleteLink(link.Index);
        batch.DeleteLink(link.Index);

        var refusals = batch.Send();

        Assert.That(refusals[0], Is.Null);
        Assert.That(refusals[1]!.IsNotFound, Is.True);
        Assert.That(_socket.ReadLink("brvx-101"), Is.Null);
        Assert.That(_socket.ReadLink(link.Index), Is.Null);
    }

    [Test]
    public void ReadLinks_OfManyAtOnce_AnswersByPosition()
    {
        var first = _socket.Make(Bridge);
        var second = _socket.Make(Bridge with { Name = "second" });
        List<int> indexes = [second.Index, 9999, first.Index, 1];
        for (var i = 0; i < 1000; i++)
        {
            indexes.Add(i % 2 == 0 ? second.Index : 9999);
        }

        var links = _socket.ReadLinks(indexes);

        Assert.That(links.Take(4).Select(l => l?.Name), Is.EqualTo(new[] { "second", null, "brvx-101", "lo" }));
        Assert.That(links.Skip(4).Select(l => l?.Index), Is.EqualTo(indexes.Skip(4).Select(i => i == 9999 ? (int?)null : i)));
        var byName = _socket.ReadLinks(["lo", "", "no such", "second", new string('x', 127), new string('x', 500), "a/b"]);
        Assert.That(byName.Select(l => l?.Name), Is.EqualTo(new[] { "lo", null, null, "second", null, null, null }));
    }

    [Test]
    public void ReadLinks_OfAll_AreTheOnesThatIpShows()
    {
        var batch = string.Concat(Enumerable.Range(0, 300).Select(i => $"link add name br{i} type bridge\n"));
        _host.TryExec(["ip", "-batch", "-"], batch).EnsureSuccess();

        var links = _socket.ReadLinks();

        Assert.That(links.Select(l => l.Name), Is.EquivalentTo(Enumerable.Range(0, 300).Select(i => $"br{i}").Append("lo")));
        Assert.That(links.Single(l => l.Name == "lo").IsLoopback, Is.True);
    }

    [Test]
    public void Refusal_CarriesTheKernelsOwnWords()
    {
        var batch = _socket.NewBatch();
        batch.CreateLink(Bridge with { Kind = "nonesuch", Bridge = null }, 0, 0);

        var refusal = batch.Send()[0]!;

        Assert.That(refusal.IsNotSupported, Is.True);
        Assert.That(refusal.ToString(), Is.EqualTo("newlink brvx-101: EOPNOTSUPP (Operation not supported): \"Unknown device type\""));
    }

    [TestCase("bridge", true)]
    [TestCase("vxlan", true)]
    [TestCase("veth", true)]
    [TestCase("nonesuch", false)]
    public void SupportsLinkKind_AnswersAndMakesNothing(string kind, bool expected)
    {
        var supported = _socket.SupportsLinkKind(kind, out var reason);

        Assert.That(supported, Is.EqualTo(expected));
        Assert.That(reason, expected ? Is.Empty : Does.Contain("Unknown device type"));
        Assert.That(_socket.ReadLinks().Select(l => l.Name), Is.EqualTo(new[] { "lo" }));
        Assert.That(_socket.Writes, Is.Zero);
    }

    [Test, Needs(Feature.Vlan)]
    public void SupportsLinkKind_OfVlans_WhereTheKernelHasThem() =>
        Assert.That(_socket.SupportsLinkKind("vlan", out _), Is.True);

    [Test, Needs(Feature.Bonding)]
    public void SupportsLinkKind_OfBonds_WhereTheKernelHasThem()
    {
        Assert.That(_socket.SupportsLinkKind("bond", out _), Is.True);
        Assert.That(_socket.ReadLinks().Where(l => l.Kind == "bond" && l.Name.StartsWith("cbp", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Ipv6_SwitchedOff_ShowsInTheLink()
    {
        _socket.Make(Bridge);
        _host.Exec("sysctl", "-qw", "net.ipv6.conf.brvx-101.disable_ipv6=1");

        Assert.That(_socket.ReadLink("brvx-101")!.Ipv6Off, Is.True);
    }

    private static System.Net.IPAddress IPAddress(string text) => System.Net.IPAddress.Parse(text);
}
