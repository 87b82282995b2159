using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.PacketCase;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.SecuredHost;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>MACs and addresses that a port may use besides its own, and VRRP.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class PairCases
{
    [TestCaseSource(nameof(Table))]
    public void Packet(PacketCase one) => one.Check();

    private static IEnumerable<TestCaseData> Table() =>
    [
        Passes("the virtual MAC with its address", Router, Udp4(Virtual, Outside, 4000), Outside),
        Passes("the virtual MAC with its address, IPv6", Router, Udp6(Virtual, Outside, 4000), Outside),
        Passes("an announcement of the virtual address", Router, ArpRequest(Virtual, Virtual.V4), Outside),
        Passes("an advertisement of the virtual address", Router, Advertisement(Virtual, Station.Everybody, Virtual.V6, Virtual.Mac), Outside),
        Passes("the virtual MAC from the other router as well", Backup, Udp4(Virtual, Outside, 4000), Outside),
        Passes("an answer to the virtual address", Outside, ArpReply(Outside, Virtual) with { DestinationMac = Station.Everybody.Mac }, Router),
        Stops("the virtual MAC with the port's own address", Router, Udp4(Router, Outside, 4000) with { SourceMac = Virtual.Mac }, Outside),
        Stops("the virtual MAC with the port's own address, IPv6", Router, Udp6(Router, Outside, 4000) with { SourceMac = Virtual.Mac }, Outside),
        Stops("the virtual address with the port's own MAC", Router, Udp4(Virtual, Outside, 4000) with { SourceMac = Router.Mac }, Outside),
        Stops("an announcement of the virtual address with the port's own MAC", Router, ArpRequest(Virtual, Virtual.V4) with { SourceMac = Router.Mac, SenderMac = Router.Mac }, Outside),
        Stops("the virtual MAC from who is no router", Plain, Udp4(Virtual, Outside, 4000), Outside),
        Stops("an announcement of the virtual address from who is no router", Plain, ArpRequest(Virtual, Virtual.V4), Outside),
        Stops("a third MAC from a router", Router, Udp4(Router, Outside, 4000) with { SourceMac = Open.Mac }, Outside),

        Passes("VRRP", Router, Vrrp4(Router), Backup),
        Passes("VRRP, IPv6", Router, Vrrp6(Router), Backup),
        Passes("VRRP to outside", Router, Vrrp4(Router), Outside),
        Passes("VRRP from outside", Outside, Vrrp4(Outside), Router),
        Passes("VRRP from outside, IPv6", Outside, Vrrp6(Outside), Router),
        Passes("VRRP with the virtual MAC and the port's own address, as the standard has it", Router, Vrrp4(Router) with { SourceMac = Virtual.Mac }, Backup),
        Passes("VRRP with the virtual MAC and the port's own address, IPv6", Router, Vrrp6(Router) with { SourceMac = Virtual.Mac }, Backup),
        Stops("VRRP with another's address", Router, Vrrp4(Router) with { Source = Open.V4 }, Backup),
        Stops("VRRP with the virtual MAC and another's address", Router, Vrrp4(Router) with { SourceMac = Virtual.Mac, Source = Open.V4 }, Backup),
        Stops("VRRP from who is no router", Plain, Vrrp4(Plain), Outside),
        Stops("VRRP from who is no router, IPv6", Plain, Vrrp6(Plain), Outside),
        Stops("VRRP from who is no router to a router", Plain, Vrrp4(Plain), Router),
        Stops("VRRP to who is no router", Outside, Vrrp4(Outside), Plain),
        Stops("VRRP's protocol to one router alone", Plain, Protocol4(Plain, Router, 112), Router),

        Passes("the first of two MACs", Nested, Udp4(Nested, Outside, 4000), Outside),
        Passes("the second of two MACs", Nested, Udp4(Second, Outside, 4000), Outside),
        Passes("the second of two MACs, IPv6", Nested, Udp6(Second, Outside, 4000), Outside),
        Passes("the link-local address of the second MAC", Nested, Udp6(Second, Outside, 4000) with { Source = Second.LinkLocal }, Outside),
        Passes("an answer from the second MAC", Nested, ArpReply(Second, Outside), Outside),
        Passes("an address of an allowed prefix", Nested, Udp4(Nested, Outside, 4000) with { Source = "10.9.0.200" }, Outside),
        Stops("an address next to an allowed prefix", Nested, Udp4(Nested, Outside, 4000) with { Source = "10.9.1.0" }, Outside),
        Stops("an address of the first MAC's with the second", Nested, Udp4(Nested, Outside, 4000) with { SourceMac = Second.Mac }, Outside),
        Stops("an address of the second MAC's with the first", Nested, Udp4(Second, Outside, 4000) with { SourceMac = Nested.Mac }, Outside),
        Stops("an address of the second MAC's with the first, IPv6", Nested, Udp6(Second, Outside, 4000) with { SourceMac = Nested.Mac }, Outside),
        Stops("VRRP without leave", Nested, Vrrp4(Second), Outside),
    ];
}
