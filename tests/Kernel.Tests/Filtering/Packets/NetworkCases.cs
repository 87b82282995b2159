using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>Each network for itself: one with the same addresses, and one that is untagged and the host's own.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class NetworkCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("a guest of the second network", Plain2, Udp4(Plain2, Open2, 4000), Open2),
        Passes("a guest of the second network, IPv6", Plain2, Udp6(Plain2, Outside2, 4000), Outside2),
        Stops("ingress in the second network", Outside2, Udp4(Outside2, Plain2, 4000), Plain2),
        Stops("another's address in the second network", Plain2, Udp4(Plain2, Open2, 4000) with { Source = Ruled.V4 }, Open2),
        Passes("a guest of the untagged network to the uplink", Plain3, Udp4(Plain3, Uplink, 4000), Uplink),
        Passes("a guest of the untagged network to the uplink, IPv6", Plain3, Udp6(Plain3, Uplink, 4000), Uplink),
        Passes("from the uplink to who lets it in", Uplink, Udp4(Uplink, Open3, 4000), Open3),
        Stops("from the uplink to who lets nothing in", Uplink, Udp4(Uplink, Plain3, 4000), Plain3),
        Stops("from the uplink to who lets nothing in, IPv6", Uplink, Udp6(Uplink, Plain3, 4000), Plain3),
        Stops("another's address to the uplink", Plain3, Udp4(Plain3, Uplink, 4000) with { Source = Open3.V4 }, Uplink),
        Stops("the host's address to the uplink", Plain3, Udp4(Plain3, Uplink, 4000) with { Source = HostItself.V4 }, Uplink),
        Stops("an answer with the host's address", Plain3, ArpReply(Plain3, Uplink) with { SenderIp = HostItself.V4 }, Uplink),
        Passes("ARP of the host", HostItself, ArpRequest(HostItself, Plain3.V4), Plain3),
        Passes("the host to the uplink", HostItself, Udp4(HostItself, Uplink, 4000), Uplink),
        Passes("the uplink to the host", Uplink, Udp4(Uplink, HostItself, 4000), HostItself),
        Passes("a guest to the host", Plain3, ArpReply(Plain3, HostItself), HostItself),
        Stops("another's MAC to the host", Plain3, Udp4(Plain3, HostItself, 4000) with { SourceMac = Open3.Mac }, HostItself),
        Stops("another's address to the host", Plain3, Udp4(Plain3, HostItself, 4000) with { Source = Open3.V4 }, HostItself),
        Stops("what no egress rule speaks of to the uplink", Sender3, Udp4(Sender3, Uplink, 4000), Uplink),
        Stops("IPv4 to the host from a port that was never prepared", Unknown3, Udp4(Unknown3, HostItself, 4000), HostItself),
        Stops("IPv6 to the host from a port that was never prepared", Unknown3, Udp6(Unknown3, HostItself, 4000), HostItself),
        StopsByBridge("IPv4 of the host to a port that was never prepared", HostItself, Udp4(HostItself, Unknown3, 4000), Unknown3),
        Stops("an answer with another's address to the host", Plain3, ArpReply(Plain3, HostItself) with { SenderIp = Open3.V4 }, HostItself),
    ];
}
