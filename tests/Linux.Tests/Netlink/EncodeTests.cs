using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>Requests are those that iproute2 sends, byte for byte but for the order of attributes, the mark on nests and a zero byte.</summary>
internal sealed class EncodeTests
{
    private const int Under = 3;
    private const int Vxlan = 5;

    [Test]
    public void CreateLink_OfABridge() => AssertSends(CapturedRequests.MakeBridge, batch => batch.CreateLink(
        new()
        {
            Name = "brvx-101", Kind = "bridge", Alias = "", Mtu = 1450, Mac = MacAddress.Parse("02:00:00:00:01:01"),
            Bridge = new BridgeSettings(false, 4000, MulticastSnooping: false, MulticastQuerier: true, 8, 120_000),
        },
        0,
        0));

    [Test]
    public void CreateLink_OfAVlan() => AssertSends(CapturedRequests.MakeVlan, batch => batch.CreateLink(
        new() { Name = "under.7", Kind = "vlan", Alias = "", Mtu = 1400, Vlan = new VlanSettings(7) }, Under, 0));

    [Test]
    public void CreateLink_OfAVxlan() => AssertSends(CapturedRequests.MakeVxlan, batch => batch.CreateLink(
        new()
        {
            Name = "vxlan101", Kind = "vxlan", Alias = "", Mtu = 1400,
            Vxlan = new VxlanSettings(101, 4789, IPAddress.Parse("192.0.2.1"), IPAddress.Parse("239.0.0.101"), 9, Learning: true),
        },
        Under,
        0));

    [Test]
    public void AddAltName() => AssertSends(CapturedRequests.AddAltName, batch => batch.AddAltName(Under, "a-long-name-of-the-bridge"));

    [Test]
    public void ChangeLink_OfTheMaster() =>
        AssertSends(CapturedRequests.Join, batch => batch.ChangeLink(Under, new() { Master = "brvx-101" }, 4, "veth"));

    [Test]
    public void AddForwarding_OfAFloodEntry() => AssertSends(CapturedRequests.AppendFlood, batch => batch.AddForwarding(
        new ForwardingEntry(Vxlan, default, IPAddress.Parse("192.0.2.9")), append: true));

    [Test]
    public void AddAddress_WithEverything() => AssertSends(CapturedRequests.AddIpv4, batch => batch.AddAddress(
        Under,
        new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24"))
        {
            Broadcast = IPAddress.Parse("192.0.2.255"), Label = "under:1", ValidSeconds = 7000, PreferredSeconds = 3000, Metric = 50,
            Flags = AddressFlags.NoPrefixRoute | AddressFlags.Permanent | AddressFlags.Tentative | AddressFlags.Deprecated,
        }));

    [Test]
    public void AddRoute_OnLink() => AssertSends(CapturedRequests.AddOnlinkRoute, batch => batch.AddRoute(
        new Route(IpPrefix.Parse("198.51.100.0/24"), Under)
        {
            Table = 1234, Metric = 7, Protocol = RouteProtocol.Agent, Gateway = IPAddress.Parse("192.0.2.1"), Flags = 4,
        },
        replace: false));

    [Test]
    public void DeleteLink() => AssertSends(CapturedRequests.Delete, batch => batch.DeleteLink(Vxlan));

    /// <summary>Written by time, as it is read, where iproute2 has an attribute in bytes and a table besides.</summary>
    [TestCase(1_250_000L)]
    [TestCase(50_000_000_000L)]
    public void SetEgress_IsReadAsWritten(long rate)
    {
        var bucket = TokenBucket.Of(rate, 62_500, 131_072);
        var (made, changed) = (Messages(Sent(batch => batch.SetEgress(Under, bucket, isThere: false))), Messages(Sent(batch => batch.SetEgress(Under, bucket, isThere: true))));

        Assert.That(QdiscAttributes.Read(made.Single()), Is.EqualTo(new Qdisc(Under, "tbf", ShapingMarks.EgressHandle, ShapingMarks.Root) { Bucket = bucket }));
        Assert.That(changed.Single(), Is.EqualTo(made.Single()), "but for what may be there already");
        Assert.That(Canonical(Sent(batch => batch.SetEgress(Under, bucket, isThere: false))), Does.StartWith("36 605 "), "made, or refused");
        Assert.That(Canonical(Sent(batch => batch.SetEgress(Under, bucket, isThere: true))), Does.StartWith("36 5 "), "changed, or refused");
    }

    [TestCase(1_250_000L)]
    [TestCase(50_000_000_000L)]
    public void PoliceIngress_IsReadAsWritten(long rate)
    {
        var bucket = TokenBucket.Of(rate, 375_000, 0);
        var sent = Messages(Sent(batch => batch.PoliceIngress(Under, bucket)));

        Assert.That(QdiscAttributes.Read(sent[0]), Is.EqualTo(new Qdisc(Under, "ingress", ShapingMarks.IngressHandle, ShapingMarks.Ingress)));
        Assert.That(FilterAttributes.Read(sent[1]), Is.EqualTo(new IngressFilter(Under, ShapingMarks.FilterPriority) { Police = bucket }));
    }

    [Test]
    public void RedirectIngress_IsReadAsWritten() => Assert.That(
        FilterAttributes.Read(Messages(Sent(batch => batch.RedirectIngress(Under, 9)))[1]),
        Is.EqualTo(new IngressFilter(Under, ShapingMarks.FilterPriority) { RedirectTo = 9 }));

    [Test]
    public void RemoveIngress_BesideOthers_TakesOnlyTheFilter()
    {
        Assert.That(Canonical(Sent(batch => batch.RemoveIngress(Under, isShared: true))), Is.EqualTo("45 5 0000000003000000000000000000ffff000301cb "));
        Assert.That(Canonical(Sent(batch => batch.RemoveIngress(Under, isShared: false))), Is.EqualTo("37 5 00000000030000000000fffff1ffffff00000000 "));
        Assert.That(Canonical(Sent(batch => batch.RemoveEgress(Under))), Is.EqualTo("37 5 0000000003000000000001cbffffffff00000000 "));
    }

    [Test]
    public void ChangeLink_OfAPort_NamesTheBridgeKind()
    {
        // iproute2 says "bridge_slave" as the device's own kind, an older way of saying it.
        var sent = Sent(batch => batch.ChangeLink(Under, new() { Port = new(Learning: false, NeighbourSuppression: true) }, 0, "veth"));

        Assert.That(Canonical(sent), Does.EndWith("18[4:62726964676500 5[32:01 33:00 8:00]]"));
    }

    [Test]
    public void ChangeLink_ThatPins_WritesAnotherMtuFirst()
    {
        var sent = Messages(Sent(batch => batch.ChangeLink(4, new() { Mtu = 1500, PinMtu = true }, 0, "bridge")));
        var largest = Messages(Sent(batch => batch.ChangeLink(4, new() { Mtu = 65535, PinMtu = true }, 0, "bridge")));

        Assert.That(sent.Select(m => m[^4..]), Is.EqualTo(new[] { BitConverter.GetBytes(1501), BitConverter.GetBytes(1500) }));
        Assert.That(largest.Select(m => m[^4..]), Is.EqualTo(new[] { BitConverter.GetBytes(65534), BitConverter.GetBytes(65535) }));
    }

    [Test]
    public void ChangeLink_ThatPinsNoMtu_IsRefusedAndLeavesTheBatchAsItWas()
    {
        using var socket = new RouteSocket(new ScriptedSocket(_ => []));
        var batch = socket.NewBatch();

        Assert.That(() => batch.ChangeLink(4, new() { PinMtu = true }, 0, "bridge"), Throws.ArgumentException);
        Assert.That(batch.Count, Is.Zero);
    }

    [Test]
    public void ChangeLink_ThatEndsStp_EndsItBeforeTheDelayIsShorter()
    {
        var settings = new BridgeSettings(Stp: false, 0, MulticastSnooping: false, MulticastQuerier: false, 0, 300_000);

        Assert.That(Messages(Sent(batch => batch.ChangeLink(4, new() { Bridge = settings }, 0, "bridge"))), Has.Count.EqualTo(2));
        Assert.That(
            Messages(Sent(batch => batch.ChangeLink(4, new() { Bridge = settings with { ForwardDelayMs = 2000 } }, 0, "bridge"))),
            Has.Count.EqualTo(1));
    }

    [Test]
    public void AddAddress_OfIpv6_SkipsDuplicateDetection()
    {
        var sent = Sent(batch => batch.AddAddress(Under, new InterfaceAddress(IpPrefix.Parse("2001:db8::7/64"))));

        Assert.That(Canonical(sent), Does.EndWith("8:02000000"));
    }

    private static byte[] Sent(Func<RouteBatch, int> queue)
    {
        var kernel = new ScriptedSocket(requests => requests.Select(r => (ScriptedSocket.Reply)ScriptedSocket.Acknowledge(r)));
        using var socket = new RouteSocket(kernel);
        var batch = socket.NewBatch();
        queue(batch);
        Assert.That(batch.Send(), Is.EqualTo(new KernelRefusal?[] { null }));
        return kernel.Sent.Single();
    }

    private static void AssertSends(string captured, Func<RouteBatch, int> queue) =>
        Assert.That(Canonical(Sent(queue)), Is.EqualTo(Canonical(Hex.Bytes(captured))));

    private static List<byte[]> Messages(byte[] datagram)
    {
        List<byte[]> messages = [];
        foreach (var message in new MessageReader(datagram))
        {
            messages.Add(message.Payload.ToArray());
        }

        return messages;
    }

    /// <summary>Type, flags, the family's header and the attributes in the order of their types, as text.</summary>
    private static string Canonical(byte[] datagram)
    {
        var text = "";
        foreach (var message in new MessageReader(datagram))
        {
            var own = FamilyHeaders.SizeOf(message.Header.Type);
            text += $"{message.Header.Type} {message.Header.Flags:x} {Convert.ToHexStringLower(message.Payload[..own])} ";
            text += Canonical(message.Payload[own..], message.Header.Type is 16 or 108 ? [18, 52, 2, 5] : [], depth: 0);
        }

        return text;
    }

    private static string Canonical(ReadOnlySpan<byte> attributes, ushort[] nests, int depth)
    {
        List<string> parts = [];
        foreach (var attribute in new AttributeReader(attributes))
        {
            var isNest = depth == 0 ? attribute.Type is 18 or 52 : depth == 1 && attribute.Type is (2 or 5);
            // The name of a kind may end with a zero or without.
            var payload = depth == 1 && attribute.Type == 1 ? attribute.Payload.TrimEnd((byte)0) : attribute.Payload;
            parts.Add(isNest && nests.Contains(attribute.Type)
                ? $"{attribute.Type}[{Canonical(attribute.Payload, nests, depth + 1)}]"
                : $"{attribute.Type}:{Convert.ToHexStringLower(payload)}");
        }

        parts.Sort(StringComparer.Ordinal);
        return string.Join(' ', parts);
    }
}
