using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>What ARP is to IPv4, and who listens to which group.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class NeighbourCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("a solicitation", Plain, Solicitation(Plain, Outside.V6, Plain.Mac), Outside),
        Passes("a solicitation to another guest", Plain, Solicitation(Plain, Ruled.V6, Plain.Mac), Ruled),
        Passes("a solicitation without its MAC", Plain, Solicitation(Plain, Outside.V6), Outside),
        Passes("a solicitation from its link-local address", Plain, Solicitation(Plain, Outside.V6, Plain.Mac) with { Source = Plain.LinkLocal }, Outside),
        Passes("an advertisement", Plain, Advertisement(Plain, Outside, Plain.V6, Plain.Mac), Outside),
        Passes("an advertisement without its MAC", Plain, Advertisement(Plain, Outside, Plain.V6), Outside),
        Passes("an advertisement of its link-local address", Plain, Advertisement(Plain, Outside, Plain.LinkLocal, Plain.Mac), Outside),
        Passes("an advertisement to everybody", Plain, Advertisement(Plain, Station.Everybody, Plain.V6, Plain.Mac), Ruled),
        Passes("an advertisement of an address of its prefix", Many, Advertisement(Many, Outside, "fd03::77", Many.Mac), Outside),
        Passes("duplicate address detection", Plain, Solicitation(Plain, Plain.V6) with { Source = "::" }, Outside),
        Passes("duplicate address detection of its link-local address", Plain, Solicitation(Plain, Plain.LinkLocal) with { Source = "::" }, Outside),
        Passes("a solicitation from outside", Outside, Solicitation(Outside, Plain.V6, Outside.Mac), Plain),
        Passes("an advertisement from outside", Outside, Advertisement(Outside, Plain, Outside.V6, Outside.Mac), Plain),

        Stops("a solicitation with another's MAC inside", Plain, Solicitation(Plain, Outside.V6, Open.Mac), Outside),
        Stops("a solicitation from another's address", Plain, Solicitation(Plain, Outside.V6, Plain.Mac) with { Source = Open.V6 }, Outside),
        Stops("a solicitation that came over a router", Plain, Solicitation(Plain, Outside.V6, Plain.Mac) with { HopLimit = 254 }, Outside),
        Stops("an advertisement of another's address", Plain, Advertisement(Plain, Outside, Open.V6, Plain.Mac), Outside),
        Stops("an advertisement of the gateway's address to another guest", Plain, Advertisement(Plain, Open, Outside.V6, Plain.Mac), Open),
        Stops("an advertisement of another's link-local address", Plain, Advertisement(Plain, Outside, Open.LinkLocal, Plain.Mac), Outside),
        Stops("an advertisement with another's MAC inside", Plain, Advertisement(Plain, Outside, Plain.V6, Open.Mac), Outside),
        Stops("an advertisement from another's address", Plain, Advertisement(Plain, Outside, Plain.V6, Plain.Mac) with { Source = Open.V6 }, Outside),
        Stops("an advertisement from no address", Plain, Advertisement(Plain, Outside, Plain.V6, Plain.Mac) with { Source = "::" }, Outside),
        Stops("an advertisement that came over a router", Plain, Advertisement(Plain, Outside, Plain.V6, Plain.Mac) with { HopLimit = 64 }, Outside),
        Stops("an advertisement of another's address behind a header", Plain, Advertisement(Plain, Outside, Open.V6, Plain.Mac) with { Extension = DestinationOptions }, Outside),
        Stops("an advertisement of another's address behind a header for routers", Plain, Advertisement(Plain, Outside, Open.V6, Plain.Mac) with { Extension = HopByHop }, Outside),
        Stops("an advertisement of another's address in fragments", Plain, Advertisement(Plain, Outside, Open.V6, Plain.Mac) with { Cuts = [8] }, Outside),
        Stops("an advertisement of one past its prefix", Many, Advertisement(Many, Outside, "fd03:0:0:1::77", Many.Mac), Outside),
        Stops("duplicate address detection of another's address", Plain, Solicitation(Plain, Open.V6) with { Source = "::" }, Outside),
        Stops("duplicate address detection to one alone", Plain, Solicitation(Plain, Plain.V6) with { Source = "::", DestinationMac = Open.Mac, Destination = Open.V6 }, Open),

        Passes("a router solicitation", Plain, RouterQuestion(Plain, Plain.Mac), Outside),
        Passes("a router solicitation without its MAC", Plain, RouterQuestion(Plain), Outside),
        Passes("a router solicitation without an address", Plain, RouterQuestion(Plain) with { Source = "::" }, Outside),
        Stops("a router solicitation with another's MAC inside", Plain, RouterQuestion(Plain, Open.Mac), Outside),
        Stops("a router solicitation that came over a router", Plain, RouterQuestion(Plain, Plain.Mac) with { HopLimit = 254 }, Outside),
        Passes("a router advertisement from outside", Outside, RouterAnswer(Outside, Station.Everybody), Plain),
        Stops("a router advertisement from a guest", Plain, RouterAnswer(Plain, Station.Everybody), Outside),
        Stops("a router advertisement from a guest to a guest", Plain, RouterAnswer(Plain, Open), Open),
        Stops("a router advertisement from a guest behind a header", Plain, RouterAnswer(Plain, Open) with { Extension = DestinationOptions }, Open),
        Stops("a router advertisement from a guest in fragments", Plain, RouterAnswer(Plain, Open) with { Cuts = [8] }, Open),
        Stops("a redirect from a guest", Plain, Icmp6(Plain, Open, Redirect) with { Source = Plain.LinkLocal, HopLimit = 255 }, Open),
        Stops("a redirect from outside", Outside, Icmp6(Outside, Plain, Redirect) with { Source = Outside.LinkLocal, HopLimit = 255 }, Plain),

        Passes("a listener's report", Plain, Listener(Plain, 143), Outside),
        Passes("a listener's report of the first version", Plain, Listener(Plain, 131), Outside),
        Passes("a listener's goodbye", Plain, Listener(Plain, 132), Outside),
        Passes("a listener's report before it has an address", Plain, Listener(Plain, 143) with { Source = "::" }, Outside),
        Passes("a report to a guest that listens too", Outside, Listener(Outside, 131), Plain),
        Passes("a router's question who listens", Outside, Listener(Outside, 130), Plain),
        Stops("a router's question who listens from a guest", Plain, Listener(Plain, 130), Outside),
        Stops("a listener's report from another's address", Plain, Listener(Plain, 143) with { Source = Open.LinkLocal }, Outside),
    ];
}
