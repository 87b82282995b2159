using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

internal sealed class PortRulesTests
{
    private const string NoDevice = "is not 1 to 15 characters of A-Z a-z 0-9 . _ - that begin with no dash";
    private const string NoKernelDevice = "has a character that no device's name can have: white space, a control character or one of / : %";

    private static readonly Port Sound = new() { NicId = "nic-1", Network = "net-1", Mac = MacAddress.Parse("02:00:4c:00:00:05") };

    private static IEnumerable<TestCaseData> Good { get; } = Named(
        ("plain", Sound),
        ("UUID", Sound with { NicId = "0e5d0a7c-8f7b-4a44-9c1e-5f0b7a4c2d11" }),
        ("name of anything", Sound with { DisplayName = "i-2-34-VM; eth0 $(x)" }),
        ("longest name", Sound with { DisplayName = string.Concat(Enumerable.Repeat("\ud83d\ude00", 64)) }),
        ("longest device", Sound with { Device = "tap0a1b2c3d-e4_" }),
        ("device with a point", Sound with { Device = ".x" }),
        ("addresses", With("10.1.1.5", "fd00::5", "10.1.2.0/28", "fd00:1::/64")),
        ("an address and its network", With("10.1.1.5", "10.1.1.0/24")),
        ("most addresses", Sound with { Addresses = Many(1024) }),
        ("trusted", Sound with { IsTrusted = true }),
        ("pair with its own MAC", Paired(null, "10.1.1.1")),
        ("pair for VRRP", Sound with { AllowedPairs = [new AllowedPair(MacAddress.Parse("00:00:5e:00:01:0a"), [], true)] }),
        ("most pairs", Sound with { AllowedPairs = Enumerable.Repeat(new AllowedPair(null, [], true), 64).ToValueList() }),
        ("slowest", Limited(8_000, 1_600)),
        ("fastest", Limited(400_000_000_000, 268_435_456)),
        ("longest burst", Limited(8_000, 240_000)),
        ("burst left open", Limited(200_000_000, null)),
        ("no limit at all", Sound with { RateLimit = new RateLimit(null, null) }));

    private static IEnumerable<TestCaseData> Bad { get; } = Named(
        ("no id", Sound with { NicId = "" }, "nic_id: is required"),
        ("id of 65", Sound with { NicId = new string('x', 65) }, "nic_id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id for a shell", Sound with { NicId = "a;reboot" }, "nic_id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("id of two lines", Sound with { NicId = "a\nb" }, "nic_id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("name of 65", Sound with { DisplayName = new string('x', 65) }, "display_name: 65 characters are more than 64"),
        ("no network", Sound with { Network = "" }, "network_id: is required"),
        ("network of two lines", Sound with { Network = "a\n" }, "network_id: is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ("device of 16 bytes", Sound with { Device = "1234567890123456" }, "device: is longer than 15 bytes, and no device can have such a name"),
        ("device ..", Sound with { Device = ".." }, "device: '..' is no name that a device can have"),
        ("device of two lines", Sound with { Device = "v\nx" }, $"device: {NoKernelDevice}"),
        ("device with a slash", Sound with { Device = "v/x" }, $"device: {NoKernelDevice}"),
        ("device for many", Sound with { Device = "vnet+" }, $"device: {NoDevice}"),
        ("device with a quote", Sound with { Device = "vnet\"0" }, $"device: {NoDevice}"),
        ("device for a shell", Sound with { Device = "v$(id)" }, $"device: {NoDevice}"),
        ("device like an option", Sound with { Device = "-A" }, $"device: {NoDevice}"),
        ("group MAC", Sound with { Mac = MacAddress.Parse("01:00:5e:00:00:01") }, "mac: 01:00:5e:00:00:01 is a group address"),
        ("no MAC", Sound with { Mac = MacAddress.Zero }, "mac: 00:00:00:00:00:00 is no address"),
        ("host bits", With("10.1.1.5", "10.1.2.1/28"), "addresses[1]: 10.1.2.1/28 has host bits: name the network, or a single address without a length"),
        ("IPv6 host bits", With("fd00::1/127"), "addresses[0]: fd00::1/127 has host bits: name the network, or a single address without a length"),
        ("any address", With("0.0.0.0/0"), "addresses[0]: 0.0.0.0/0 is the unspecified address"),
        ("any IPv6 address", With("::/0"), "addresses[0]: ::/0 is the unspecified address"),
        ("multicast", With("239.0.0.0/8"), "addresses[0]: 239.0.0.0/8 is a multicast address"),
        ("loopback", With("127.0.0.1"), "addresses[0]: 127.0.0.1/32 is a loopback address"),
        ("mapped", With("::ffff:10.1.1.5"), "addresses[0]: ::ffff:10.1.1.5/128 is an IPv4 address written as an IPv6 one; write it as IPv4"),
        ("twice", With("10.1.1.5", "fd00::5", "10.1.1.5/32"), "addresses[2]: 10.1.1.5/32 is also addresses[0]"),
        ("twice among many", Sound with { Addresses = [.. Many(20), IpPrefix.Parse("10.0.0.3")] }, "addresses[20]: 10.0.0.3/32 is also addresses[3]"),
        ("1,025 addresses", Sound with { Addresses = Many(1025) }, "addresses: 1025 are more than 1024"),
        ("pair with a group MAC", Paired("33:33:00:00:00:01"), "allowed_pairs[0].mac: 33:33:00:00:00:01 is a group address"),
        ("pair without MAC", Paired("00:00:00:00:00:00"), "allowed_pairs[0].mac: 00:00:00:00:00:00 is no address"),
        (
            "pair with host bits",
            Paired(null, "10.1.1.1", "10.1.1.1/24"),
            "allowed_pairs[0].addresses[1]: 10.1.1.1/24 has host bits: name the network, or a single address without a length"),
        ("pair with an address twice", Paired(null, "10.1.1.1", "10.1.1.1"), "allowed_pairs[0].addresses[1]: 10.1.1.1/32 is also addresses[0]"),
        ("65 pairs", Sound with { AllowedPairs = Enumerable.Repeat(new AllowedPair(null, [], true), 65).ToValueList() }, "allowed_pairs: 65 are more than 64"),
        ("too slow", Limited(7_999, null), "rate_limit.to_guest.rate_bps: 7999 is not between 8000 and 400000000000"),
        ("too fast", Limited(400_000_000_001, null), "rate_limit.to_guest.rate_bps: 400000000001 is not between 8000 and 400000000000"),
        ("past a long", Limited(-1, null), "rate_limit.to_guest.rate_bps: 18446744073709551615 is not between 8000 and 400000000000"),
        ("longest burst and a byte", Limited(8_000, 240_001), "rate_limit.to_guest.burst_bytes: 240001 take more than 240 seconds at 8000 bit/s"),
        ("small burst", Limited(8_000, 1_599), "rate_limit.to_guest.burst_bytes: 1599 is not between 1600 and 268435456"),
        ("large burst", Limited(8_000, 268_435_457), "rate_limit.to_guest.burst_bytes: 268435457 is not between 1600 and 268435456"),
        (
            "the other direction",
            Sound with { RateLimit = new RateLimit(null, new Rate(0, 0)) },
            "rate_limit.from_guest.rate_bps: 0 is not between 8000 and 400000000000|rate_limit.from_guest.burst_bytes: 0 is not between 1600 and 268435456"),
        (
            "trusted with rules",
            Sound with { IsTrusted = true, Security = PortSecurity.Default },
            "security: is refused for a trusted port, which is let through as it is"));

    [TestCaseSource(nameof(Good))]
    public void Check_Sound_FindsNothing(Port port) => Assert.That(Found.By(v => PortRules.Check(port, new FieldPath("port"), v)), Is.Empty);

    [TestCaseSource(nameof(Bad))]
    public void Check_Unsound_SaysWhereAndWhy(Port port, string expected) => Assert.That(
        Found.By(v => PortRules.Check(port, new FieldPath("config.ports", 2), v)), Is.EqualTo(expected.Split('|').Select(e => $"config.ports[2].{e}")));

    private static Port With(params IEnumerable<string> addresses) => Sound with { Addresses = addresses.Select(IpPrefix.Parse).ToValueList() };

    private static ValueList<IpPrefix> Many(int count) => Enumerable.Range(0, count).Select(i => IpPrefix.Parse($"10.0.{i >> 8}.{i & 255}")).ToValueList();

    private static Port Paired(string? mac, params IEnumerable<string> addresses) => Sound with
    {
        AllowedPairs = [new AllowedPair(mac is null ? null : MacAddress.Parse(mac), addresses.Select(IpPrefix.Parse).ToValueList(), false)],
    };

    private static Port Limited(long rate, long? burst) => Sound with { RateLimit = new RateLimit(new Rate(rate, burst), null) };

    private static TestCaseData[] Named(params (string Name, Port Port)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Port).SetArgDisplayNames(c.Name))];

    private static TestCaseData[] Named(params (string Name, Port Port, string Expected)[] cases) =>
        [.. cases.Select(c => new TestCaseData(c.Port, c.Expected).SetArgDisplayNames(c.Name))];
}
