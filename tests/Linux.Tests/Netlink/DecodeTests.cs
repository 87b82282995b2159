using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Netlink.Families;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>What a kernel sent means what was set up when it was captured.</summary>
internal sealed class DecodeTests
{
    [Test]
    public void Bridge_WithEverything_IsRead()
    {
        var link = LinkAttributes.Read(Hex.Payload(Captured.BridgeLink))!;

        Assert.That(link, Is.EqualTo(new Link
        {
            Index = 4, Name = "brvx-101", AltNames = ["a-long-name-of-the-bridge", "second"], Kind = "bridge",
            Alias = "cloudbr:network:101", Mac = MacAddress.Parse("02:00:00:00:01:01"), Mtu = link.Mtu, Carrier = link.Carrier,
            OperState = OperState.Down, Ipv6Off = false,
            Bridge = new BridgeSettings(
                Stp: false, ForwardDelayMs: 4000, MulticastSnooping: false, MulticastQuerier: true, GroupFwdMask: 8, AgeingMs: 120_000),
        }));
        Assert.That(link.Mtu, Is.EqualTo(1400), "the MTU of its one member");
    }

    [Test]
    public void Vxlan_InABridge_IsRead() => Assert.That(LinkAttributes.Read(Hex.Payload(Captured.VxlanLink)) is { } link
        ? (link.Name, link.Kind, link.Parent, link.Master, link.MasterKind, link.Mtu, link.Up, link.Vxlan, link.Port)
        : default, Is.EqualTo((
        "vxlan101", "vxlan", 3, 4, "bridge", 1400, false,
        new VxlanSettings(101, 4789, IPAddress.Parse("192.0.2.1"), IPAddress.Parse("239.0.0.101"), 9, Learning: true),
        new BridgePortSettings(Learning: false, NeighbourSuppression: true))));

    [Test]
    public void Vxlan_OverIpv6_IsRead()
    {
        var link = LinkAttributes.Read(Hex.Payload(Captured.Vxlan6Link))!;

        Assert.That(
            link.Vxlan,
            Is.EqualTo(new VxlanSettings(16_777_215, 4790, IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::9"), 0, Learning: false)));
        Assert.That((link.Parent, link.Master, link.MasterKind, link.Port), Is.EqualTo((0, 0, "", (BridgePortSettings?)null)));
    }

    [Test]
    public void Veth_IsReadWithoutAParent()
    {
        var link = LinkAttributes.Read(Hex.Payload(Captured.VethLink))!;

        Assert.That((link.Kind, link.Parent, link.Up, link.Carrier, link.OperState), Is.EqualTo(("veth", 0, true, true, OperState.Up)));
    }

    [Test]
    public void EventsOfTheBridge_AreNotAboutTheLink()
    {
        Assert.That(LinkAttributes.Read(Hex.Payload(Captured.BridgePortEvent)), Is.Null);
        Assert.That(RouteMonitor.Read(17, Hex.Payload(Captured.BridgeLeaveEvent)), Is.Null);
        Assert.That(RouteMonitor.Read(16, Hex.Payload(Captured.LinkEvent)), Is.TypeOf<LinkChanged>());
        Assert.That(RouteMonitor.Read(17, Hex.Payload(Captured.LinkEvent)), Is.TypeOf<LinkRemoved>());
    }

    [Test]
    public void Ipv4Address_WithEverything_IsRead()
    {
        var address = AddressAttributes.Read(Hex.Payload(Captured.Ipv4Address), out var link)!;

        Assert.That(link, Is.EqualTo(3));
        Assert.That(address, Is.EqualTo(new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24"))
        {
            Broadcast = IPAddress.Parse("192.0.2.255"), Label = "under:1", Metric = 50,
            ValidSeconds = address.ValidSeconds, PreferredSeconds = address.PreferredSeconds,
        }));
        Assert.That(address.ValidSeconds, Is.InRange(6990, 7000));
        Assert.That(address.PreferredSeconds, Is.InRange(2990, 3000));
    }

    [Test]
    public void Ipv6Address_WithAPeer_IsRead()
    {
        var address = AddressAttributes.Read(Hex.Payload(Captured.Ipv6PeerAddress), out _);

        Assert.That(address, Is.EqualTo(new InterfaceAddress(IpPrefix.Parse("2001:db8::7/127"))
        {
            Peer = IPAddress.Parse("2001:db8::8"),
            Flags = AddressFlags.Permanent | AddressFlags.NoDuplicateDetection | AddressFlags.NoPrefixRoute,
        }));
    }

    [Test]
    public void Route_OnLink_IsReadAndKeepsItsMetrics()
    {
        var route = RouteAttributes.Read(Hex.Payload(Captured.OnlinkRoute))!;

        Assert.That(route, Is.EqualTo(new Route(IpPrefix.Parse("198.51.100.0/24"), 3)
        {
            Table = 1234, Protocol = RouteProtocol.Agent, Metric = 7, Gateway = IPAddress.Parse("203.0.113.1"), Flags = 4,
            // RTA_METRICS with a lock and an MTU of 1300.
            Others = [.. Convert.FromHexString("140008000800010004000000" + "0800020014050000")],
        }));
    }

    [Test]
    public void Route_WithSeveralHops_IsCompoundAndKeepsThem()
    {
        var route = RouteAttributes.Read(Hex.Payload(Captured.MultipathRoute))!;

        Assert.That((route.IsCompound, route.Link, route.Gateway), Is.EqualTo((true, 0, (IPAddress?)null)));
        Assert.That(Convert.ToHexString([.. route.Others]), Does.Contain("C0000202").And.Contain("C0000203"));
    }

    [Test]
    public void Route_ByANextHopObject_KeepsTheObjectAndNotItsParts()
    {
        var route = RouteAttributes.Read(Hex.Payload(Captured.NextHopObjectRoute))!;

        Assert.That((route.IsCompound, route.Link, route.Gateway), Is.EqualTo((true, 0, (IPAddress?)null)));
        Assert.That(Convert.ToHexString([.. route.Others]), Is.EqualTo("08001E0005000000"));
    }

    [Test]
    public void Route_WithALifetime_KeepsItAsARequestSaysIt()
    {
        var route = RouteAttributes.Read(Hex.Payload(Captured.ExpiringRoute))!;

        var others = Convert.ToHexString([.. route.Others]);
        Assert.That(others, Does.Contain("08001700"), "RTA_EXPIRES");
        Assert.That(others, Does.Contain("05001400"), "RTA_PREF");
        Assert.That(route.Gateway, Is.EqualTo(IPAddress.Parse("2001:db8::8")));
    }

    [Test]
    public void ForwardingEntries_AreRead()
    {
        Assert.That(NeighbourAttributes.Read(Hex.Payload(Captured.VxlanUnicastEntry)), Is.EqualTo(
            new ForwardingEntry(5, MacAddress.Parse("02:00:00:00:00:07"), IPAddress.Parse("192.0.2.9")) { Permanent = true, External = true }));
        Assert.That(NeighbourAttributes.Read(Hex.Payload(Captured.BridgeStaticEntry)), Is.EqualTo(
            new ForwardingEntry(5, MacAddress.Parse("02:00:00:00:00:08"), null) { Permanent = true }));
        Assert.That(NeighbourAttributes.Read(Hex.Payload(Captured.Vxlan6FloodEntry)), Is.EqualTo(
            new ForwardingEntry(6, default, IPAddress.Parse("2001:db8::10")) { Permanent = true }));
    }

    [Test]
    public void Qdisc_IsRead() =>
        Assert.That(QdiscAttributes.Read(Hex.Payload(Captured.HtbQdisc)), Is.EqualTo(new Qdisc(3, "htb", 0x70000, 0xffffffff)));

    [Test]
    public void TokenBuckets_AreRead()
    {
        Assert.That(QdiscAttributes.Read(Hex.Payload(Captured.TokenBucketQdisc)), Is.EqualTo(
            new Qdisc(3, "tbf", ShapingMarks.EgressHandle, ShapingMarks.Root) { Bucket = new TokenBucket(1_250_000, 781_250, 131_072) }));
        Assert.That(QdiscAttributes.Read(Hex.Payload(Captured.LongRateQdisc)).Bucket, Is.EqualTo(new TokenBucket(12_500_000_000, 13_107, 10 * 1024 * 1024)));
    }

    [Test]
    public void Filters_AreRead()
    {
        Assert.That(FilterAttributes.Read(Hex.Payload(Captured.FilterTable)), Is.EqualTo(new IngressFilter(3, ShapingMarks.FilterPriority)));
        Assert.That(FilterAttributes.Read(Hex.Payload(Captured.RedirectFilter)), Is.EqualTo(new IngressFilter(3, ShapingMarks.FilterPriority) { RedirectTo = 4 }));
        Assert.That(FilterAttributes.Read(Hex.Payload(Captured.PoliceFilter)), Is.EqualTo(
            new IngressFilter(5, ShapingMarks.FilterPriority) { Police = new TokenBucket(1_250_000, 4_687_500, 0) }));
    }

    /// <summary>Somebody else's with the same number: what it does is not ours to say.</summary>
    [Test]
    public void Filter_OfAnotherPriority_TellsOfNoAction()
    {
        var bytes = Hex.Bytes(Captured.RedirectFilter);
        bytes[16 + 18] = 7;
        Assert.That(FilterAttributes.Read(bytes.AsSpan(16)), Is.EqualTo(new IngressFilter(3, 0xcb07)));
    }

    [Test]
    public void TrafficControl_IsReportedByDevice()
    {
        Assert.That(RouteMonitor.Read(36, Hex.Payload(Captured.TokenBucketQdisc)), Is.EqualTo(new TrafficControlChanged(3)));
        Assert.That(RouteMonitor.Read(45, Hex.Payload(Captured.RedirectFilter)), Is.EqualTo(new TrafficControlChanged(3)));
    }
}
