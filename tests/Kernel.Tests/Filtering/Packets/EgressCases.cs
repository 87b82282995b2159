using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A guest may send everything until a rule says what it may, or nothing.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class EgressCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("TCP without a rule", Plain, Tcp4(Plain, Outside, 80), Outside),
        Passes("TCP without a rule, IPv6", Plain, Tcp6(Plain, Outside, 80), Outside),
        Passes("a ping without a rule", Plain, Icmp4(Plain, Outside, 8), Outside),
        Passes("a ping without a rule, IPv6", Plain, Icmp6(Plain, Outside, 128), Outside),
        Passes("any protocol without a rule", Plain, Protocol4(Plain, Outside, 200), Outside),
        Passes("the first port of a rule", Sender, Udp4(Sender, Outside, 6000), Outside),
        Passes("the last port of a rule", Sender, Udp4(Sender, Outside, 6001), Outside),
        Passes("the last port of a rule, IPv6", Sender, Udp6(Sender, Outside, 6001), Outside),
        Passes("a rule's port to another guest", Sender, Udp4(Sender, Open, 6000), Open),
        Stops("one past a rule", Sender, Udp4(Sender, Outside, 6002), Outside),
        Stops("one before a rule", Sender, Udp4(Sender, Outside, 5999), Outside),
        Stops("one past a rule, IPv6", Sender, Udp6(Sender, Outside, 6002), Outside),
        Stops("what no rule speaks of to another guest", Sender, Udp4(Sender, Open, 4000), Open),
        Stops("what no rule speaks of to another guest, IPv6", Sender, Udp6(Sender, Open, 4000), Open),
        Stops("a protocol that no rule speaks of", Sender, Protocol4(Sender, Outside, 47), Outside),
        Passes("to a group", Sender, Tcp4(Sender, Friend, 80), Outside),
        Passes("to a group, IPv6", Sender, Tcp6(Sender, Friend, 80), Outside),
        Stops("to others than a group", Sender, Tcp4(Sender, Outside, 80), Outside),
        Stops("to others than a group, IPv6", Sender, Tcp6(Sender, Outside, 80), Outside),
        Passes("a ping to whom a rule allows it", Sender, Icmp4(Sender, Outside, 8), Outside),
        Passes("a ping to whom a rule allows it, IPv6", Sender, Icmp6(Sender, Outside, 128), Outside),
        Stops("a ping to others", Sender, Icmp4(Sender, Friend, 8), Outside),
        Stops("a ping to others, IPv6", Sender, Icmp6(Sender, Friend, 128), Outside),
        Passes("DNS whatever the rules say", Sender, Udp4(Sender, Outside, 53), Outside),
        Passes("DNS whatever the rules say, IPv6", Sender, Udp6(Sender, Outside, 53), Outside),
        Passes("DNS over TCP whatever the rules say", Sender, Tcp4(Sender, Outside, 53), Outside),
        Passes("DNS over TCP whatever the rules say, IPv6", Sender, Tcp6(Sender, Outside, 53), Outside),
        Stops("DNS where it is switched off", Closed, Udp4(Closed, Outside, 53), Outside),
        Stops("DNS where it is switched off, IPv6", Closed, Udp6(Closed, Outside, 53), Outside),
        Stops("DNS over TCP where it is switched off", Closed, Tcp4(Closed, Outside, 53), Outside),
        Stops("UDP where nothing is allowed", Closed, Udp4(Closed, Outside, 4000), Outside),
        Stops("UDP where nothing is allowed, IPv6", Closed, Udp6(Closed, Outside, 4000), Outside),
        Stops("TCP where nothing is allowed to another guest", Closed, Tcp4(Closed, Open, 80), Open),
        Stops("a ping where nothing is allowed", Closed, Icmp4(Closed, Outside, 8), Outside),
        Stops("a ping where nothing is allowed, IPv6", Closed, Icmp6(Closed, Outside, 128), Outside),
        Stops("broadcast where nothing is allowed", Closed, Udp4(Closed, Station.Everybody, 4000), Outside),
        Passes("Packet Too Big where nothing is allowed", Closed, Icmp6(Closed, Outside, 2), Outside),
        Passes("a solicitation where nothing is allowed", Closed, Solicitation(Closed, Outside.V6, Closed.Mac), Outside),
        Passes("ARP where nothing is allowed", Closed, ArpRequest(Closed, Outside.V4), Outside),
    ];
}
