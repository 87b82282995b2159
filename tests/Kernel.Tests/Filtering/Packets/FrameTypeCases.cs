using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>Nothing but ARP, IPv4, IPv6 and what the network allows leaves a guest or reaches it.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class FrameTypeCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Stops("LLDP that the network does not allow", Plain, Other(Plain, Open, 0x88cc), Open),
        Stops("LLDP that the network does not allow, to a guest", Outside, Other(Outside, Plain, 0x88cc), Plain),
        Stops("PPPoE", Plain, Other(Plain, Outside, 0x8863), Outside),
        Stops("EAPOL to everybody", Plain, Other(Plain, Station.Everybody, 0x888e), Outside),
        Stops("the length of an LLC frame in place of a type", Plain, Other(Plain, Outside, 46), Outside),
        Stops("a spanning tree's BPDU", Plain, Other(Plain, Station.Everybody, 46) with { DestinationMac = "01:80:c2:00:00:00" }, Outside),
        Stops("RARP", Plain, Other(Plain, Station.Everybody, 0x8035), Outside),
        Stops("MPLS", Plain, Other(Plain, Outside, 0x8847), Outside),
        Stops("IPv4 with a VLAN tag", Plain, Udp4(Plain, Outside, 4000) with { Vlan = 5 }, Outside),
        Stops("IPv6 with a VLAN tag", Plain, Udp6(Plain, Outside, 4000) with { Vlan = 5 }, Outside),
        Stops("ARP with a VLAN tag", Plain, ArpRequest(Plain, Outside.V4) with { Vlan = 5 }, Outside),
        Stops("IPv4 with a priority tag", Plain, Udp4(Plain, Outside, 4000) with { Vlan = 0xe000 }, Outside),
        Stops("another's address in a VLAN tag", Plain, Udp4(Open, Outside, 4000) with { Vlan = 5, SourceMac = Plain.Mac }, Outside),
        Stops("IPv4 with a VLAN tag, to a guest", Outside, Udp4(Outside, Open, 4000) with { Vlan = 5 }, Open),
        Stops("an unknown type to a guest that everything may reach", Outside, Other(Outside, Open, 0x9999), Open),
        Passes("LLDP where the network allows it", Plain3, Other(Plain3, Open3, 0x88cc), Open3),
        Passes("LLDP where the network allows it, to a guest", Uplink, Other(Uplink, Plain3, 0x88cc), Plain3),
        Stops("LLDP with another's MAC", Plain3, Other(Plain3, Open3, 0x88cc) with { SourceMac = Open3.Mac }, Open3),
        Stops("another type where LLDP is allowed", Plain3, Other(Plain3, Open3, 0x88cd), Open3),
    ];
}
