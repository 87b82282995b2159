using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A guest asks for its addresses, and gives none to others.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class DhcpCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("a question", Plain, DhcpQuestion(Plain), Outside),
        Passes("a renewal", Plain, Udp4(Plain, Outside, 67, 68), Outside),
        Passes("a question of one that may send nothing else", Closed, DhcpQuestion(Closed), Outside),
        Passes("an answer", Outside, DhcpAnswer(Outside, Plain), Plain),
        Passes("an answer to everybody", Outside, DhcpAnswer(Outside, Station.Everybody), Plain),
        Passes("a question, IPv6", Plain, Dhcp6Question(Plain), Outside),
        Passes("a question of one that may send nothing else, IPv6", Closed, Dhcp6Question(Closed), Outside),
        Passes("an answer, IPv6", Outside, Dhcp6Answer(Outside, Plain), Plain),
        Stops("a question with another's MAC", Plain, DhcpQuestion(Plain) with { SourceMac = Open.Mac }, Outside),
        Stops("a question to one alone", Plain, DhcpQuestion(Plain) with { Destination = Open.V4, DestinationMac = Open.Mac }, Open),
        Stops("another port without an address", Plain, Udp4(Plain, Station.Everybody, 69, 68) with { Source = "0.0.0.0" }, Outside),
        Stops("an answer from a guest", Plain, DhcpAnswer(Plain, Outside), Outside),
        Stops("an answer from a guest to a guest", Plain, DhcpAnswer(Plain, Open), Open),
        Stops("an answer from a guest to everybody", Plain, DhcpAnswer(Plain, Station.Everybody), Open),
        Stops("an answer from a guest in fragments", Plain, DhcpAnswer(Plain, Open) with { Cuts = [8] }, Open),
        Stops("an answer from a guest, IPv6", Plain, Dhcp6Answer(Plain, Open), Open),
        Stops("an answer from a guest behind a header, IPv6", Plain, Dhcp6Answer(Plain, Open) with { Extension = DestinationOptions }, Open),
        Stops("a question, IPv6, with another's address", Plain, Dhcp6Question(Plain) with { Source = Open.LinkLocal }, Outside),
    ];
}
