using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

internal sealed class NetworkRulesTests
{
    private static readonly Network Sound = new() { Id = "n", PhysicalNetwork = "cloudbr0", Isolation = new VlanIsolation(7) };
    private static readonly VxlanIsolation Vxlan = new(101, null, null, new VxlanMulticast((IPAddress?)null), null);

    private static IEnumerable<TestCaseData> Good { get; } = Named(
        ("shortest id", Sound),
        ("longest id", Sound with { Id = new string('x', 64) }),
        ("id of all characters", Sound with { Id = "aZ09._-" }),
        ("longest name", Sound with { DisplayName = string.Concat(Enumerable.Repeat("\ud83d\ude00", 64)) }),
        ("longest label", Sound with { PhysicalNetwork = "cloudbr01234567" }),
        ("least MTU", Sound with { GuestMtu = 576 }),
        ("most MTU", Sound with { GuestMtu = 65_535 }),
        ("least VLAN", Sound with { Isolation = new VlanIsolation(1) }),
        ("most VLAN", Sound with { Isolation = new VlanIsolation(4094) }),
        ("untagged", Sound with { Isolation = new UntaggedIsolation() }),
        ("bridge", Sound with { Bridge = new BridgeOptions { Stp = false } }),
        ("least VNI", On(Vxlan with { Vni = 1 })),
        ("most VNI", On(Vxlan with { Vni = 16_777_215 })),
        ("least port and TTL", On(Vxlan with { UdpPort = 1, Ttl = 1 })),
        ("most port and TTL", On(Vxlan with { UdpPort = 65_535, Ttl = 255 })),
        ("local address", On(Vxlan with { LocalAddress = Ip("192.0.2.11") })),
        ("IPv6 local address", On(Vxlan with { LocalAddress = Ip("2001:db8::1") })),
        ("group", On(Vxlan with { Mode = new VxlanMulticast(Ip("239.0.0.101")), LocalAddress = Ip("192.0.2.11") })),
        ("IPv6 group", On(Vxlan with { Mode = new VxlanMulticast(Ip("ff05::101")) })),
        ("EVPN", On(Vxlan with { Mode = new VxlanEvpn(true) })),
        ("no peers", On(Known([]))),
        ("IPv6 peers", On(Known([Ip("2001:db8::2"), Ip("2001:db8::3")]) with { LocalAddress = Ip("2001:db8::1") })),
        ("most peers", On(Known(Peers(4096)))),
        ("entries", On(Known([Ip("192.0.2.12")], Entry("02:00:00:00:00:05", "192.0.2.99"), Entry("02:00:00:00:00:06", "192.0.2.99")))));

    private static IEnumerable<TestCaseData> Bad { get; } = Named(
        ("no id", Sound with { Id = "" }, "id: is required"),
        ("long id", Sound with { Id = new string('x', 65) }, "id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id with a slash", Sound with { Id = "a/b" }, "id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id with a letter of another alphabet", Sound with { Id = "ä" }, "id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("long name", Sound with { DisplayName = new string('x', 65) }, "display_name: 65 characters are more than 64"),
        ("no label", Sound with { PhysicalNetwork = "" }, "physical_network: is required"),
        ("MTU 575", Sound with { GuestMtu = 575 }, "guest_mtu: 575 is not between 576 and 65535"),
        ("MTU 65536", Sound with { GuestMtu = 65_536 }, "guest_mtu: 65536 is not between 576 and 65535"),
        ("MTU past an int", Sound with { GuestMtu = -1 }, "guest_mtu: 4294967295 is not between 576 and 65535"),
        ("VLAN 0", Sound with { Isolation = new VlanIsolation(0) }, "vlan.vid: 0 is not between 1 and 4094"),
        ("VLAN 4095", Sound with { Isolation = new VlanIsolation(4095) }, "vlan.vid: 4095 is not between 1 and 4094"),
        (
            "untagged with a bridge",
            Sound with { Isolation = new UntaggedIsolation(), Bridge = new BridgeOptions() },
            "bridge: is refused for an untagged network, whose bridge is the physical network's"),
        ("bridge", Sound with { Bridge = new BridgeOptions { AgeingMs = 1 } }, "bridge.ageing_ms: 1 is not between 10000 and 1000000|bridge.ageing_ms: 1 is no multiple of 10, and the kernel counts in hundredths of a second"),
        ("VNI 0", On(Vxlan with { Vni = 0 }), "vxlan.vni: 0 is not between 1 and 16777215"),
        ("VNI past 24 bits", On(Vxlan with { Vni = 16_777_216 }), "vxlan.vni: 16777216 is not between 1 and 16777215"),
        ("port 65536", On(Vxlan with { UdpPort = 65_536 }), "vxlan.udp_port: 65536 is not between 1 and 65535"),
        ("TTL 256", On(Vxlan with { Ttl = 256 }), "vxlan.ttl: 256 is not between 1 and 255"),
        ("multicast local address", On(Vxlan with { LocalAddress = Ip("239.1.1.1") }), "vxlan.local_address: 239.1.1.1 is a multicast address"),
        ("unspecified local address", On(Vxlan with { LocalAddress = Ip("0.0.0.0") }), "vxlan.local_address: 0.0.0.0 is the unspecified address"),
        ("group that is none", On(Vxlan with { Mode = new VxlanMulticast(Ip("192.0.2.1")) }), "vxlan.multicast.group: 192.0.2.1 is not a multicast address"),
        (
            "IPv6 group that is none",
            On(Vxlan with { Mode = new VxlanMulticast(Ip("2001:db8::1")) }),
            "vxlan.multicast.group: 2001:db8::1 is not a multicast address"),
        (
            "group of the other family",
            On(Vxlan with { Mode = new VxlanMulticast(Ip("ff05::101")), LocalAddress = Ip("192.0.2.11") }),
            "vxlan.multicast.group: ff05::101 is IPv6, and local_address 192.0.2.11 is not"),
        ("4,097 peers", On(Known(Peers(4097))), "vxlan.static.peers: 4097 peers are more than 4096"),
        ("multicast peer", On(Known([Ip("224.0.0.1")])), "vxlan.static.peers[0].address: 224.0.0.1 is a multicast address"),
        ("IPv6 multicast peer", On(Known([Ip("ff02::1")])), "vxlan.static.peers[0].address: ff02::1 is a multicast address"),
        ("unspecified peer", On(Known([Ip("::")])), "vxlan.static.peers[0].address: :: is the unspecified address"),
        ("loopback peer", On(Known([Ip("127.0.0.9")])), "vxlan.static.peers[0].address: 127.0.0.9 is a loopback address"),
        ("IPv6 loopback peer", On(Known([Ip("::1")])), "vxlan.static.peers[0].address: ::1 is a loopback address"),
        ("broadcast peer", On(Known([Ip("255.255.255.255")])), "vxlan.static.peers[0].address: 255.255.255.255 is the broadcast address"),
        (
            "IPv4 peer written as IPv6",
            On(Known([Ip("::ffff:192.0.2.1")])),
            "vxlan.static.peers[0].address: ::ffff:192.0.2.1 is an IPv4 address written as an IPv6 one; write it as IPv4"),
        (
            "peers of two families",
            On(Known([Ip("192.0.2.12"), Ip("2001:db8::1")])),
            "vxlan.static.peers[1].address: 2001:db8::1 is IPv6, and peers[0] is not"),
        (
            "peer of another family than the local address",
            On(Known([Ip("192.0.2.12")]) with { LocalAddress = Ip("2001:db8::1") }),
            "vxlan.static.peers[0].address: 192.0.2.12 is IPv4, and local_address 2001:db8::1 is not"),
        ("peer twice", On(Known([Ip("192.0.2.12"), Ip("192.0.2.12")])), "vxlan.static.peers[1].address: 192.0.2.12 is also peers[0]"),
        ("peer twice among many", On(Known([.. Peers(20), Ip("10.0.0.3")])), "vxlan.static.peers[20].address: 10.0.0.3 is also peers[3]"),
        ("group MAC", On(Known([], Entry("01:00:5e:00:00:01", "192.0.2.12"))), "vxlan.static.entries[0].mac: 01:00:5e:00:00:01 is a group address"),
        ("zero MAC", On(Known([], Entry("00:00:00:00:00:00", "192.0.2.12"))), "vxlan.static.entries[0].mac: 00:00:00:00:00:00 is no address"),
        (
            "entry behind a multicast address",
            On(Known([], Entry("02:00:00:00:00:05", "224.0.0.1"))),
            "vxlan.static.entries[0].peer_address: 224.0.0.1 is a multicast address"),
        (
            "entry of the other family",
            On(Known([Ip("192.0.2.12")], Entry("02:00:00:00:00:05", "2001:db8::1"))),
            "vxlan.static.entries[0].peer_address: 2001:db8::1 is IPv6, and the network's other addresses are not"),
        (
            "entries of two families",
            On(Known([], Entry("02:00:00:00:00:05", "192.0.2.12"), Entry("02:00:00:00:00:06", "2001:db8::1"))),
            "vxlan.static.entries[1].peer_address: 2001:db8::1 is IPv6, and the network's other addresses are not"),
        (
            "MAC twice",
            On(Known([], Entry("02:00:00:00:00:05", "192.0.2.12"), Entry("02:00:00:00:00:05", "192.0.2.13"))),
            "vxlan.static.entries[1].mac: 02:00:00:00:00:05 is also that of entries[0], and is behind one peer only"),
        (
            "MAC twice among many",
            On(Known([], [.. Enumerable.Range(1, 20).Select(i => Entry($"02:00:00:00:00:{i:x2}", "192.0.2.12")), Entry("02:00:00:00:00:04", "192.0.2.12")])),
            "vxlan.static.entries[20].mac: 02:00:00:00:00:04 is also that of entries[3], and is behind one peer only"));

    [TestCaseSource(nameof(Good))]
    public void Check_Sound_FindsNothing(Network network) =>
        Assert.That(Found.By(v => NetworkRules.Check(network, new FieldPath("network"), v)), Is.Empty);

    [TestCaseSource(nameof(Bad))]
    public void Check_Unsound_SaysWhereAndWhy(Network network, string expected) => Assert.That(
        Found.By(v => NetworkRules.Check(network, new FieldPath("config.networks", 3), v)),
        Is.EqualTo(expected.Split('|').Select(e => $"config.networks[3].{e}")));

    [Test]
    public void Check_SeveralFaults_FindsAll() => Assert.That(
        Found.By(v => NetworkRules.Check(On(Vxlan with { Vni = 0, Ttl = 300 }) with { Id = "" }, new FieldPath("network"), v)), Has.Count.EqualTo(3));

    private static Network On(Isolation isolation) => Sound with { Isolation = isolation };

    private static VxlanIsolation Known(ValueList<IPAddress> peers, params VxlanEntry[] entries) =>
        Vxlan with { Mode = new VxlanStatic(peers, entries.ToValueList(), null) };

    private static ValueList<IPAddress> Peers(int count) =>
        Enumerable.Range(0, count).Select(i => new IPAddress([10, 0, (byte)(i >> 8), (byte)i])).ToValueList();

    private static VxlanEntry Entry(string mac, string peer) => new(MacAddress.Parse(mac), Ip(peer));

    private static IPAddress Ip(string text) => IPAddress.Parse(text);

    private static TestCaseData[] Named(params (string Name, Network Network)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Network).SetArgDisplayNames(c.Name))];

    private static TestCaseData[] Named(params (string Name, Network Network, string Expected)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Network, c.Expected).SetArgDisplayNames(c.Name))];
}
