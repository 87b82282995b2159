using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Core.Tests.Model;

/// <summary>What was read and reported becomes a state, whatever comes twice or late.</summary>
internal sealed class HostStateBuilderTests
{
    private static readonly Link Bridge = new() { Index = 2, Name = "cloudbr0", Kind = LinkKind.Bridge };
    private static readonly Link Uplink = new() { Index = 1, Name = "eth0", AltNames = ["enp1s0"], Master = 2, MasterKind = LinkKind.Bridge };

    private readonly HostState.Builder _builder = HostState.Empty.ToBuilder();

    [Test]
    public void Put_TheSameLinkTwice_IsOneLink()
    {
        _builder.Put(Uplink);
        _builder.Put(Uplink with { });
        Assert.That(_builder.ToState().Links, Is.EqualTo(new[] { Uplink }));
    }

    [Test]
    public void Find_ByNameAltNameAndIndex()
    {
        _builder.Put(Uplink);
        var state = _builder.ToState();
        Assert.That((state.Find("eth0"), state.Find("enp1s0"), state.Find(1)), Is.EqualTo((Uplink, Uplink, Uplink)));
        Assert.That(state.Find("eth1"), Is.Null);
    }

    [Test]
    public void Put_RenamedLink_IsNotFoundByItsOldNames()
    {
        _builder.Put(Uplink);
        _builder.Put(Uplink with { Name = "lan0", AltNames = [] });
        var state = _builder.ToState();
        Assert.That(state.Find("lan0")!.Index, Is.EqualTo(1));
        Assert.That((state.Find("eth0"), state.Find("enp1s0")), Is.EqualTo(((Link?)null, (Link?)null)));
    }

    [Test]
    public void Put_NameThatWentToAnotherDevice_StaysWithThatOne()
    {
        _builder.Put(Uplink);
        _builder.Put(new Link { Index = 7, Name = "eth0" });
        _builder.Put(Uplink with { Name = "old0" });
        Assert.That(_builder.ToState().Find("eth0")!.Index, Is.EqualTo(7));
    }

    [Test]
    public void Members_FollowTheMaster()
    {
        _builder.Put(Bridge);
        _builder.Put(Uplink);
        Assert.That(_builder.ToState().Members(2).Select(l => l.Name), Is.EqualTo(new[] { "eth0" }));
        _builder.Put(Uplink with { Master = 0 });
        Assert.That(_builder.ToState().Members(2), Is.Empty);
    }

    [Test]
    public void OwnedBy_AreTheDevicesWithTheMark()
    {
        var mark = new Ownership(Ownership.Network, "42").Alias;
        _builder.Put(Bridge with { Alias = mark });
        _builder.Put(Uplink with { Alias = "an operator's words" });
        Assert.That(_builder.ToState().OwnedAliases, Is.EqualTo(new[] { mark }));
        Assert.That(_builder.ToState().OwnedBy(mark).Single().Index, Is.EqualTo(2));
        _builder.Put(Bridge);
        Assert.That(_builder.ToState().OwnedAliases, Is.Empty);
    }

    [Test]
    public void RemoveLink_TakesAllOfItAlong()
    {
        _builder.Put(Bridge with { Alias = "cloudbr:network:1" });
        _builder.Put(Uplink);
        _builder.Put(2, new InterfaceAddress(IpPrefix.Parse("10.0.0.1/24")));
        _builder.Put(new Route(IpPrefix.Parse("10.9.0.0/16"), 2));
        _builder.Put(new ForwardingEntry(2, MacAddress.Zero, IPAddress.Loopback) { Permanent = true });
        _builder.RemoveLink(2);
        var state = _builder.ToState();
        Assert.That(state.Find("cloudbr0"), Is.Null);
        Assert.That(state.OwnedAliases, Is.Empty);
        Assert.That(state.Addresses(2), Is.Empty);
        Assert.That(state.Routes, Is.Empty);
        Assert.That(state.Forwarding(2), Is.Empty);
        Assert.That(state.Members(2), Is.Empty);
        Assert.That(state.Find(1)!.Master, Is.Zero);
    }

    [Test]
    public void Put_AddressTwice_IsTheLaterOneInTheSamePlace()
    {
        var first = new InterfaceAddress(IpPrefix.Parse("10.0.0.1/24"));
        _builder.Put(1, first);
        _builder.Put(1, new InterfaceAddress(IpPrefix.Parse("10.0.0.2/24")));
        _builder.Put(1, first with { Metric = 5 });
        Assert.That(_builder.ToState().Addresses(1).Select(a => (a.Prefix.ToString(), a.Metric)), Is.EqualTo(new[] { ("10.0.0.1/24", 5u), ("10.0.0.2/24", 0u) }));
        _builder.Remove(1, first.Prefix);
        Assert.That(_builder.ToState().Addresses(1).Single().Prefix.ToString(), Is.EqualTo("10.0.0.2/24"));
    }

    [Test]
    public void Put_RouteTwice_IsOneRoute()
    {
        var route = new Route(IpPrefix.Parse("0.0.0.0/0"), 1) { Gateway = IPAddress.Parse("10.0.0.1") };
        _builder.Put(route);
        _builder.Put(route with { Gateway = IPAddress.Parse("10.0.0.2") });
        Assert.That(_builder.ToState().Routes.Single().Gateway, Is.EqualTo(IPAddress.Parse("10.0.0.2")));
        _builder.Remove(RouteKey.Of(route));
        Assert.That(_builder.ToState().Routes, Is.Empty);
    }

    [TestCase(false, false, true, Description = "learned from a frame")]
    [TestCase(true, false, false, Description = "of a bridge")]
    [TestCase(false, true, false, Description = "of a bridge, by a routing daemon")]
    public void Put_EntryThatNobodyDecided_IsNotKept(bool permanent, bool external, bool hasPeer)
    {
        _builder.Put(new ForwardingEntry(1, MacAddress.Zero, hasPeer ? IPAddress.Loopback : null) { Permanent = permanent, External = external });
        Assert.That(_builder.ToState().Forwarding(1), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Put_EntryOfARoutingDaemon_IsKept(bool permanent)
    {
        var entry = new ForwardingEntry(1, MacAddress.Parse("02:00:00:00:00:07"), IPAddress.Loopback) { Permanent = permanent, External = true };
        _builder.Put(entry);
        Assert.That(_builder.ToState().Forwarding(1), Is.EqualTo(new[] { entry }));
    }

    [Test]
    public void Put_PermanentEntry_IsKeptOnceAndGoes()
    {
        var entry = new ForwardingEntry(1, MacAddress.Zero, IPAddress.Loopback) { Permanent = true };
        _builder.Put(entry);
        _builder.Put(entry with { });
        Assert.That(_builder.ToState().Forwarding(1), Has.Count.EqualTo(1));
        _builder.Remove(entry with { Permanent = false });
        Assert.That(_builder.ToState().Forwarding(1), Is.Empty);
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(true, true)]
    public void Remove_Entry_GoesWhoeverSetItAndLeavesTheOthers(bool permanent, bool external)
    {
        var entry = new ForwardingEntry(1, MacAddress.Zero, IPAddress.Loopback) { Permanent = permanent, External = external };
        var other = entry with { Mac = MacAddress.Parse("02:00:00:00:00:07") };
        _builder.Put(entry);
        _builder.Put(other);
        _builder.Remove(new ForwardingEntry(1, entry.Mac, entry.Peer));
        Assert.That(_builder.ToState().Forwarding(1), Is.EqualTo(new[] { other }));
    }

    [Test]
    public void ToState_OfTheBuilderLater_LeavesTheSnapshotAsItWas()
    {
        _builder.Put(Uplink);
        var before = _builder.ToState();
        _builder.RemoveLink(1);
        Assert.That(before.Find("eth0"), Is.EqualTo(Uplink));
    }

    [Test]
    public void DevicesOfOneMark_ShareItsText()
    {
        _builder.Put(Uplink with { Alias = new Ownership(Ownership.Network, "a").Alias });
        _builder.Put(Uplink with { Index = 2, Name = "eth1", Alias = new Ownership(Ownership.Network, "a").Alias });
        var state = _builder.ToState();
        Assert.That(state.Find(2)!.Alias, Is.SameAs(state.Find(1)!.Alias).And.EqualTo("cloudbr:network:a"));
    }

    [Test]
    public void PutSetting_Null_IsNoSuchSetting()
    {
        _builder.PutSetting("net.ipv4.ip_forward", "1");
        Assert.That(_builder.ToState().Setting("net.ipv4.ip_forward"), Is.EqualTo("1"));
        _builder.PutSetting("net.ipv4.ip_forward", null);
        Assert.That(_builder.ToState().Setting("net.ipv4.ip_forward"), Is.Null);
    }
}
