using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>Only what the rules allow reaches a guest.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class IngressCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Stops("UDP", Outside, Udp4(Outside, Plain, 4000), Plain),
        Stops("UDP, IPv6", Outside, Udp6(Outside, Plain, 4000), Plain),
        Stops("TCP", Outside, Tcp4(Outside, Plain, 80), Plain),
        Stops("TCP, IPv6", Outside, Tcp6(Outside, Plain, 80), Plain),
        Stops("a ping", Outside, Icmp4(Outside, Plain, 8), Plain),
        Stops("a ping, IPv6", Outside, Icmp6(Outside, Plain, 128), Plain),
        Stops("from another guest", Open, Udp4(Open, Plain, 4000), Plain),
        Stops("from another guest, IPv6", Open, Udp6(Open, Plain, 4000), Plain),
        Stops("broadcast", Outside, Udp4(Outside, Station.Everybody, 4000), Plain),
        Stops("multicast, IPv6", Outside, Udp6(Outside, Station.Group("ff02::99"), 4000), Plain),
        Stops("from DNS's port", Outside, Udp4(Outside, Plain, 4000, source: 53), Plain),
        Stops("to DNS's port", Outside, Udp4(Outside, Plain, 53), Plain),
        Passes("anything where all is allowed", Outside, Udp4(Outside, Open, 4000), Open),
        Passes("anything where all is allowed, IPv6", Outside, Udp6(Outside, Open, 4000), Open),
        Passes("any protocol where all is allowed", Outside, Protocol4(Outside, Open, 200), Open),

        Passes("the first port of a range", Outside, Tcp4(Outside, Ruled, 80), Ruled),
        Passes("the last port of a range", Outside, Tcp4(Outside, Ruled, 443), Ruled),
        Passes("the first port of a range, IPv6", Outside, Tcp6(Outside, Ruled, 80), Ruled),
        Passes("the last port of a range, IPv6", Outside, Tcp6(Outside, Ruled, 443), Ruled),
        Passes("an allowed port from another guest", Plain, Tcp4(Plain, Ruled, 80), Ruled),
        Stops("one before a range", Outside, Tcp4(Outside, Ruled, 79), Ruled),
        Stops("one past a range", Outside, Tcp4(Outside, Ruled, 444), Ruled),
        Stops("one before a range, IPv6", Outside, Tcp6(Outside, Ruled, 79), Ruled),
        Stops("one past a range, IPv6", Outside, Tcp6(Outside, Ruled, 444), Ruled),
        Stops("the port of another protocol", Outside, Udp4(Outside, Ruled, 80), Ruled),
        Stops("an allowed port as the source", Outside, Tcp4(Outside, Ruled, 4000, source: 80), Ruled),

        Passes("from a CIDR", Plain, Udp4(Plain, Ruled, 5000), Ruled),
        Passes("from a CIDR, IPv6", Plain, Udp6(Plain, Ruled, 5000), Ruled),
        Stops("from outside a CIDR", Outside, Udp4(Outside, Ruled, 5000), Ruled),
        Stops("from outside a CIDR, IPv6", Outside, Udp6(Outside, Ruled, 5000), Ruled),
        Passes("from a group", Outside, Udp4(Friend, Ruled, 5001), Ruled),
        Passes("from a group, IPv6", Outside, Udp6(Friend, Ruled, 5001), Ruled),
        Stops("from outside a group", Outside, Udp4(Outside, Ruled, 5001), Ruled),
        Stops("from outside a group, IPv6", Outside, Udp6(Outside, Ruled, 5001), Ruled),
        Passes("from a long list", Outside, Tcp4(Listed, Ruled, 2222), Ruled),
        Passes("from a long list, IPv6", Outside, Tcp6(Listed, Ruled, 2222), Ruled),
        Stops("from outside a long list", Outside, Tcp4(Stranger, Ruled, 2222), Ruled),
        Stops("from outside a long list, IPv6", Outside, Tcp6(Stranger, Ruled, 2222), Ruled),

        Passes("an ICMP type and code", Outside, Icmp4(Outside, Ruled, 8), Ruled),
        Stops("another code of the type", Outside, Icmp4(Outside, Ruled, 8, 1), Ruled),
        Stops("another ICMP type", Outside, Icmp4(Outside, Ruled, 17), Ruled),
        Passes("any code of an ICMP type", Outside, Icmp4(Outside, Ruled, 13, 5), Ruled),
        Passes("an ICMPv6 type and code", Outside, Icmp6(Outside, Ruled, 128), Ruled),
        Stops("another code of the ICMPv6 type", Outside, Icmp6(Outside, Ruled, 128, 1), Ruled),
        Stops("another ICMPv6 type", Outside, Icmp6(Outside, Ruled, 139), Ruled),
        Passes("any code of an ICMPv6 type", Outside, Icmp6(Outside, Ruled, 144, 3), Ruled),
        Passes("the last port of an SCTP range", Outside, Sctp4(Outside, Ruled, 7001), Ruled),
        Passes("the last port of an SCTP range, IPv6", Outside, Sctp6(Outside, Ruled, 7001), Ruled),
        Stops("one past an SCTP range", Outside, Sctp4(Outside, Ruled, 7002), Ruled),
        Stops("one past an SCTP range, IPv6", Outside, Sctp6(Outside, Ruled, 7002), Ruled),
        Passes("GRE", Outside, Protocol4(Outside, Ruled, 47), Ruled),
        Passes("GRE, IPv6", Outside, Protocol6(Outside, Ruled, 47), Ruled),
        Passes("ESP from its CIDR", Outside, Protocol4(Outside, Ruled, 50), Ruled),
        Passes("ESP from its CIDR, IPv6", Outside, Protocol6(Outside, Ruled, 50), Ruled),
        Stops("ESP from elsewhere", Outside, Protocol4(Stranger, Ruled, 50), Ruled),
        Stops("ESP from elsewhere, IPv6", Outside, Protocol6(Stranger, Ruled, 50), Ruled),
        Passes("a protocol by its number", Outside, Protocol4(Outside, Ruled, 89), Ruled),
        Passes("a protocol by its number, IPv6", Outside, Protocol6(Outside, Ruled, 89), Ruled),
        Stops("the number next to it", Outside, Protocol4(Outside, Ruled, 90), Ruled),
        Stops("the number next to it, IPv6", Outside, Protocol6(Outside, Ruled, 90), Ruled),

        Passes("Packet Too Big", Outside, Icmp6(Outside, Plain, 2), Plain),
        Passes("Destination Unreachable, IPv6", Outside, Icmp6(Outside, Plain, 1), Plain),
        Passes("Time Exceeded, IPv6", Outside, Icmp6(Outside, Plain, 3), Plain),
        Passes("Parameter Problem, IPv6", Outside, Icmp6(Outside, Plain, 4), Plain),
        Stops("Fragmentation Needed about nothing that was sent", Outside, Unreachable(Outside, Plain, Udp4(Plain, Outside, 4000, 4001), 4), Plain),
    ];
}
