using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A guest sends as itself and nobody else.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class SpoofingCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("its own MAC and address", Plain, Udp4(Plain, Outside, 4000), Outside),
        Passes("its own MAC and address, IPv6", Plain, Udp6(Plain, Outside, 4000), Outside),
        Passes("its own link-local address", Plain, Udp6(Plain, Outside, 4000) with { Source = Plain.LinkLocal }, Outside),
        Passes("to another guest", Plain, Udp4(Plain, Open, 4000), Open),
        Passes("to another guest, IPv6", Plain, Udp6(Plain, Open, 4000), Open),
        Passes("broadcast", Plain, Udp4(Plain, Station.Everybody, 4000), Outside),
        Passes("to a multicast group", Plain, Udp4(Plain, Station.Group("239.1.2.3"), 4000), Outside),
        Passes("to a multicast group, IPv6", Plain, Udp6(Plain, Station.Group("ff02::99"), 4000), Outside),

        Stops("another's MAC", Plain, Udp4(Plain, Outside, 4000) with { SourceMac = Open.Mac }, Outside),
        Stops("another's MAC, IPv6", Plain, Udp6(Plain, Outside, 4000) with { SourceMac = Open.Mac }, Outside),
        Stops("a MAC of nobody", Plain, Udp4(Plain, Outside, 4000) with { SourceMac = "02:00:00:00:00:99" }, Outside),
        Stops("a group as source MAC", Plain, Udp4(Plain, Outside, 4000) with { SourceMac = "03:00:4c:00:00:01" }, Outside),
        Stops("another's address", Plain, Udp4(Plain, Outside, 4000) with { Source = Open.V4 }, Outside),
        Stops("another's address, IPv6", Plain, Udp6(Plain, Outside, 4000) with { Source = Open.V6 }, Outside),
        Stops("another's address to another guest", Plain, Udp4(Plain, Open, 4000) with { Source = Ruled.V4 }, Open),
        Stops("another's address to another guest, IPv6", Plain, Udp6(Plain, Open, 4000) with { Source = Ruled.V6 }, Open),
        Stops("another's MAC and address", Plain, Udp4(Open, Outside, 4000), Outside),
        Stops("another's MAC and address, IPv6", Plain, Udp6(Open, Outside, 4000), Outside),
        Stops("another's link-local address", Plain, Udp6(Plain, Outside, 4000) with { Source = Open.LinkLocal }, Outside),
        Stops("a link-local address of nobody", Plain, Udp6(Plain, Outside, 4000) with { Source = "fe80::1" }, Outside),
        Stops("an address of nobody", Plain, Udp4(Plain, Outside, 4000) with { Source = "198.51.100.1" }, Outside),
        Stops("no address", Plain, Udp4(Plain, Outside, 4000) with { Source = "0.0.0.0" }, Outside),
        Stops("no address, IPv6", Plain, Udp6(Plain, Outside, 4000) with { Source = "::" }, Outside),
        Stops("the broadcast address as source", Plain, Udp4(Plain, Outside, 4000) with { Source = "255.255.255.255" }, Outside),
        Stops("a multicast group as source", Plain, Udp6(Plain, Outside, 4000) with { Source = "ff02::1" }, Outside),
        Stops("another's address in ICMP", Plain, Icmp4(Plain, Outside, 8) with { Source = Open.V4 }, Outside),
        Stops("another's address in a reset", Plain, Tcp4(Open, Outside, 4000, flags: TcpFlags.Reset) with { SourceMac = Plain.Mac }, Outside),
        Stops("another's address in a Packet Too Big", Plain, Icmp6(Plain, Outside, 2) with { Source = Open.V6 }, Outside),

        Passes("a secondary address", Many, Udp4(Many, Outside, 4000) with { Source = "10.2.0.12" }, Outside),
        Passes("a secondary address, IPv6", Many, Udp6(Many, Outside, 4000) with { Source = "fd02::12" }, Outside),
        Passes("an address of its prefix", Many, Udp4(Many, Outside, 4000) with { Source = "10.3.0.15" }, Outside),
        Passes("an address of its prefix, IPv6", Many, Udp6(Many, Outside, 4000) with { Source = "fd03::1234:5" }, Outside),
        Passes("the first address of many", Many, Udp4(Many, Outside, 4000), Outside),
        Passes("the link-local one of many", Many, Udp6(Many, Outside, 4000) with { Source = Many.LinkLocal }, Outside),
        Stops("one past the secondary addresses", Many, Udp4(Many, Outside, 4000) with { Source = "10.2.0.13" }, Outside),
        Stops("one past the secondary addresses, IPv6", Many, Udp6(Many, Outside, 4000) with { Source = "fd02::13" }, Outside),
        Stops("one past its prefix", Many, Udp4(Many, Outside, 4000) with { Source = "10.3.0.16" }, Outside),
        Stops("one past its prefix, IPv6", Many, Udp6(Many, Outside, 4000) with { Source = "fd03:0:0:1::" }, Outside),
    ];
}
