using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Netlink;

[Needs(Feature.Veth)]
public class AddressTests
{
    private NetNamespace _host = null!;
    private RouteSocket _socket = null!;
    private int _from;
    private int _to;

    [SetUp]
    public void Open()
    {
        _host = NetNamespace.Create();
        _socket = _host.Run(RouteSocket.Open);
        _host.Ip(
            "link add name from up type veth peer name to",
            "link set to up");
        _from = _socket.ReadLink("from")!.Index;
        _to = _socket.ReadLink("to")!.Index;
    }

    [TearDown]
    public void Close()
    {
        _socket.Dispose();
        _host.Dispose();
    }

    [TestCase("192.0.2.7/24", "broadcast", "192.0.2.255", "label", "from:1", "metric", "50")]
    [TestCase("192.0.2.7/24", "noprefixroute", "scope", "link")]
    [TestCase("192.0.2.7", "peer", "192.0.2.8/31")]
    [TestCase("2001:db8::7/64", "nodad", "noprefixroute", "home")]
    [TestCase("2001:db8::7", "peer", "2001:db8::8/127", "nodad")]
    [TestCase("2001:db8::7/64", "nodad", "mngtmpaddr", "metric", "77")]
    [TestCase("192.0.2.7/24", "valid_lft", "7000", "preferred_lft", "3000")]
    [TestCase("2001:db8::7/64", "nodad", "valid_lft", "7000", "preferred_lft", "3000")]
    [TestCase("2001:db8::7/64", "nodad", "valid_lft", "7000", "preferred_lft", "0")]
    public void Address_Moved_IsUnchangedOnTheOtherDevice(params string[] address)
    {
        _host.Exec(["ip", "address", "add", .. address, "dev", "from"]);
        var shown = Shown("from", address[0]);
        var moved = Own(_from).Single();

        _socket.Apply(batch => batch.RemoveAddress(_from, moved));
        Assert.That(Own(_from), Is.Empty);
        _socket.Apply(batch => batch.AddAddress(_to, moved));

        Assert.That(WithoutLifetimes(Shown("to", address[0])), Is.EqualTo(WithoutLifetimes(shown)));
        var arrived = Own(_to).Single();
        Assert.That(arrived, Is.EqualTo(moved with { ValidSeconds = arrived.ValidSeconds, PreferredSeconds = arrived.PreferredSeconds }));
        AssertNoLonger(arrived.ValidSeconds, moved.ValidSeconds);
        AssertNoLonger(arrived.PreferredSeconds, moved.PreferredSeconds);
    }

    [Test]
    public void Read_OfOneDevice_LeavesOutTheOthers()
    {
        _host.Ip(
            "address add 192.0.2.1/24 dev from",
            "address add 192.0.2.2/24 dev to");

        Assert.That(Own(_to).Select(a => a.Prefix), Is.EqualTo(new[] { IpPrefix.Parse("192.0.2.2/24") }));
        Assert.That(
            _socket.ReadAddresses().Where(a => a.Address.Prefix.IsIpv4).Select(a => $"{a.Link} {a.Address.Prefix}"),
            Is.EquivalentTo(new[] { "1 127.0.0.1/8", $"{_from} 192.0.2.1/24", $"{_to} 192.0.2.2/24" }));
        Assert.That(() => _socket.ReadAddresses(9999), Throws.TypeOf<NetlinkException>().With.Property("IsNotFound").True);
    }

    [Test]
    public void Address_ThatIsThereOrIsNot_IsRefusedSo()
    {
        var address = new InterfaceAddress(IpPrefix.Parse("2001:db8::1/64"));
        var batch = _socket.NewBatch();
        batch.AddAddress(_to, address);
        batch.AddAddress(_to, address);
        batch.RemoveAddress(_to, address);
        batch.RemoveAddress(_to, address);

        var refusals = batch.Send();

        Assert.That(refusals[0], Is.Null);
        Assert.That(refusals[1]!.IsAlreadyThere, Is.True);
        Assert.That(refusals[1]!.ToString(), Does.StartWith($"newaddr 2001:db8::1/64 link {_to}: EEXIST (File exists)"));
        Assert.That(refusals[2], Is.Null);
        Assert.That(refusals[3]!.IsNotFound, Is.True);
    }

    [Test]
    public void Ipv6Address_Added_IsUsableAtOnce()
    {
        _socket.Apply(batch => batch.AddAddress(_to, new InterfaceAddress(IpPrefix.Parse("2001:db8::1/64"))));

        var flags = Own(_to).Single().Flags;

        Assert.That(flags & AddressFlags.Tentative, Is.Zero);
        Assert.That(flags & AddressFlags.Permanent, Is.EqualTo(AddressFlags.Permanent));
    }

    // Link-local ones come and go by themselves.
    private List<InterfaceAddress> Own(int link) => _socket.ReadAddresses(link)
        .Select(a => a.Address)
        .Where(a => !a.Prefix.Address.IsIPv6LinkLocal)
        .ToList();

    private string Shown(string device, string address) => _host.Exec(
        "ip", "-json", "address", "show", "dev", device, "to", address.Split('/')[0])
        .Output;

    private static string WithoutLifetimes(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        var info = document.RootElement.EnumerateArray().SelectMany(l => l.EnumerateObject().Where(p => p.Name == "addr_info")).Single();
        return string.Join(
            ", ",
            info.Value[0].EnumerateObject().Where(p => !p.Name.EndsWith("life_time", StringComparison.Ordinal)).Select(p => p.ToString()));
    }

    private static void AssertNoLonger(uint? after, uint? before)
    {
        Assert.That(after is null, Is.EqualTo(before is null));
        if (before is not null)
        {
            Assert.That(after, Is.InRange(before > 120 ? before - 120 : 0, before));
        }
    }
}
