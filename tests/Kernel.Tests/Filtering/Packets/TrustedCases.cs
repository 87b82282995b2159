using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A trusted port is let through, but decides nothing for others; one that nobody prepared gets nothing through.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class TrustedCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("another's address from a trusted port", Trusted, Udp4(Trusted, Outside, 4000) with { Source = "198.51.100.7" }, Outside),
        Passes("another's MAC from a trusted port", Trusted, Udp4(Trusted, Outside, 4000) with { SourceMac = "02:00:00:00:00:77" }, Outside),
        Passes("an answer for another from a trusted port", Trusted, ArpReply(Trusted, Outside) with { SenderIp = "198.51.100.7" }, Outside),
        Passes("LLDP from a trusted port", Trusted, Other(Trusted, Outside, 0x88cc), Outside),
        Passes("router advertisements of a trusted port", Trusted, RouterAnswer(Trusted, Plain), Plain),
        Passes("DHCP of a trusted port", Trusted, DhcpAnswer(Trusted, Plain), Plain),
        Passes("anything to a trusted port", Outside, Tcp4(Outside, Trusted, 22), Trusted),
        Passes("anything to a trusted port, IPv6", Outside, Tcp6(Outside, Trusted, 22), Trusted),
        Passes("anything from a guest to a trusted port", Plain, Udp4(Plain, Trusted, 4000), Trusted),
        Stops("what a guest may not send to a trusted port", Closed, Udp4(Closed, Trusted, 4000), Trusted),
        Stops("what a guest does not let in from a trusted port", Trusted, Udp4(Trusted, Plain, 4000), Plain),

        Stops("IPv4 from a port that was never prepared", Unknown, Udp4(Unknown, Open, 4000), Open),
        Stops("IPv6 from a port that was never prepared", Unknown, Udp6(Unknown, Open, 4000), Open),
        Stops("IPv4 from a port that was never prepared to outside", Unknown, Udp4(Unknown, Outside, 4000), Outside),
        Stops("DHCP from a port that was never prepared", Unknown, DhcpQuestion(Unknown), Outside),
        Stops("a solicitation from a port that was never prepared", Unknown, Solicitation(Unknown, Outside.V6, Unknown.Mac), Outside),
        Stops("IPv4 to a port that was never prepared", Outside, Udp4(Outside, Unknown, 4000), Unknown),
        Stops("IPv6 to a port that was never prepared", Outside, Udp6(Outside, Unknown, 4000), Unknown),
        Stops("IPv4 from a guest to a port that was never prepared", Plain, Udp4(Plain, Unknown, 4000), Unknown),
        Stops("IPv4 from a trusted port to one that was never prepared", Trusted, Udp4(Trusted, Unknown, 4000), Unknown),
        StopsByBridge("ARP from a port that was never prepared", Unknown, ArpRequest(Unknown, Open.V4), Open),
        StopsByBridge("ARP to a port that was never prepared", Outside, ArpRequest(Outside, Unknown.V4), Unknown),
        StopsByBridge("LLDP from a port that was never prepared to outside", Unknown, Other(Unknown, Outside, 0x88cc), Outside),
        Stops("IPv4 from a port on another network's bridge", Misplaced, Udp4(Misplaced, Open2, 4000), Open2),
        Stops("IPv6 from a port on another network's bridge", Misplaced, Udp6(Misplaced, Open2, 4000), Open2),
        Stops("IPv4 from a port on another network's bridge, to outside", Misplaced, Udp4(Misplaced, Outside2, 4000), Outside2),
        Stops("IPv4 to a port on another network's bridge", Outside2, Udp4(Outside2, Misplaced, 4000), Misplaced),
        StopsByBridge("ARP from a port on another network's bridge", Misplaced, ArpRequest(Misplaced, Open2.V4), Open2),
        StopsByBridge("ARP to a port on another network's bridge", Outside2, ArpRequest(Outside2, Misplaced.V4), Misplaced),

        Passes("from a port without connection tracking", Untracked, Udp4(Untracked, Outside, 4000), Outside),
        Passes("from a port without connection tracking, IPv6", Untracked, Udp6(Untracked, Outside, 4000), Outside),
        Passes("to a port without connection tracking", Outside, Udp4(Outside, Untracked, 4000), Untracked),
        Passes("to a port without connection tracking, IPv6", Outside, Udp6(Outside, Untracked, 4000), Untracked),
        Stops("another's address from a port without connection tracking", Untracked, Udp4(Untracked, Outside, 4000) with { Source = Open.V4 }, Outside),
        Stops("another's address from a port without connection tracking, IPv6", Untracked, Udp6(Untracked, Outside, 4000) with { Source = Open.V6 }, Outside),
        Stops("from a port without connection tracking to one that lets nothing in", Untracked, Udp4(Untracked, Plain, 4000), Plain),
    ];
}
