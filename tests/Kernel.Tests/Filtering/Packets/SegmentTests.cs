using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Firewall.Rules;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Filtering.Packets.Wire;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>A network of two hosts, of each sort of segment: both filter it, and what one lets out the other lets in.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Ipset)]
public sealed class SegmentTests
{
    private static readonly Station Plain = Guest(0);
    private static readonly Station Open = Guest(1);
    private static readonly Station Far = Guest(2);
    private static readonly Station FarOpen = Guest(3);

    private static readonly SecurityRule All = new() { Protocol = RuleProtocol.All, Cidrs = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")] };

    [Test, MachineOnly]
    [Needs(Feature.Vxlan)]
    public void AVxlanNetwork_IsFilteredOnBothHosts() => Check(
        "brvx-777", "vxlan777", (host, peer) => $"link add vxlan777 type vxlan id 777 dstport 4789 local {host.Ipv4} remote {peer.Ipv4} dev {host.Uplink}");

    [Test]
    [Needs(Feature.Vlan)]
    public void AVlanNetwork_IsFilteredOnBothHosts() => Check(
        "breth0-777", "eth0.777", (host, _) => $"link add link {host.Uplink} name eth0.777 type vlan id 777");

    private static void Check(string bridge, string device, Func<Host, Host, string> adding)
    {
        using var hosts = TwoHosts.Create();
        using var scene = new PacketScene();
        foreach (var (host, closed, open) in new[] { (hosts.First, Plain, Open), (hosts.Second, Far, FarOpen) })
        {
            scene.AddBridge(host.Namespace, bridge, closed, open);
            host.Namespace.Ip(adding(host, hosts.PeerOf(host)), $"link set {device} master {bridge} up");
            var network = FilterScene.Network("segment", bridge, device, Port(closed), Port(open, All));
            Assert.That(new FilterScene(host.Namespace).Apply(FilterScene.Intent(network)), Is.Null);
        }

        Assert.Multiple(() =>
        {
            Passes("to who lets it in", Plain, Udp4(Plain, FarOpen, 4000), FarOpen);
            Passes("to who lets it in, IPv6", Plain, Udp6(Plain, FarOpen, 4000), FarOpen);
            Stops("to who lets nothing in", Plain, Udp4(Plain, Far, 4000), Far);
            Stops("to who lets nothing in, IPv6", Plain, Udp6(Plain, Far, 4000), Far);
            Passes("a question", Plain, ArpRequest(Plain, Far.V4), Far);
            Passes("an answer", Plain, ArpReply(Plain, Far), Far);
            Passes("a solicitation", Plain, Solicitation(Plain, Far.V6, Plain.Mac), Far);
            Passes("in fragments", Plain, Udp4(Plain, FarOpen, 4000, length: 56) with { Cuts = [32] }, FarOpen);
            Passes("in fragments, IPv6", Plain, Udp6(Plain, FarOpen, 4000, length: 56) with { Cuts = [32] }, FarOpen);
            Stops("an answer with another's address", Plain, ArpReply(Plain, Far) with { SenderIp = Open.V4 }, Far);
            Stops("another's address", Plain, Udp4(Plain, FarOpen, 4000) with { Source = Open.V4 }, FarOpen);
            Stops("another's address, IPv6", Plain, Udp6(Plain, FarOpen, 4000) with { Source = Open.V6 }, FarOpen);
            Stops("another's MAC", Plain, Udp4(Plain, FarOpen, 4000) with { SourceMac = Open.Mac }, FarOpen);
            Stops("a VLAN tag", Plain, Udp4(Plain, FarOpen, 4000) with { Vlan = 5 }, FarOpen);
            Stops("a router advertisement", Plain, RouterAnswer(Plain, FarOpen), FarOpen);
            Stops("an advertisement of another's address", Plain, Advertisement(Plain, FarOpen, Open.V6, Plain.Mac), FarOpen);
            Stops("DHCP's answer", Plain, DhcpAnswer(Plain, FarOpen), FarOpen);
            Stops("an answer to nothing", FarOpen, Udp4(FarOpen, Plain, 5000, 7), Plain);
            Passes("what it answers", Plain, Udp4(Plain, FarOpen, 7, 5000), FarOpen);
            Passes("the answer", FarOpen, Udp4(FarOpen, Plain, 5000, 7), Plain);
        });

        void Passes(string what, Station from, Packet packet, Station to) => Assert.That(scene.Passes(from, packet, to), Is.True, what);

        void Stops(string what, Station from, Packet packet, Station to) => Assert.That(scene.Passes(from, packet, to), Is.False, what);
    }

    private static Station Guest(int number) => new($"vnet{number}", $"02:00:4c:00:00:0{number + 1}", $"10.1.0.{number + 1}", $"fd00::{number + 1}");

    private static FilteredPort Port(Station station, params ValueList<SecurityRule> ingress) => new(
        new Port
        {
            NicId = station.Device,
            Network = "segment",
            Mac = MacAddress.Parse(station.Mac),
            Addresses = [IpPrefix.Parse(station.V4), IpPrefix.Parse(station.V6)],
            Security = new PortSecurity { Ingress = ingress },
        },
        station.Device);
}
