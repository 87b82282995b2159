using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

/// <summary>Kernel settings, the control network, drift, and how a change is asked for.</summary>
internal sealed class HostRulesTests
{
    private static IEnumerable<HostSettings> GoodSettings { get; } =
    [
        new(),
        new() { IpForward = true, IgmpMaxMemberships = 1 },
        new() { IgmpMaxMemberships = 65_535 },
        new() { Ipv4Neighbours = new(0, 0, 1), Ipv6Neighbours = new(1_048_576, 1_048_576, 1_048_576) },
        new() { Ipv4Neighbours = new(null, null, null), Ipv6Neighbours = new(4096, 8192, 16384) },
    ];

    private static IEnumerable<TestCaseData> BadSettings { get; } =
    [
        Of(new HostSettings { IgmpMaxMemberships = 0 }, "igmp_max_memberships: 0 is not between 1 and 65535"),
        Of(new HostSettings { IgmpMaxMemberships = 65_536 }, "igmp_max_memberships: 65536 is not between 1 and 65535"),
        Of(new HostSettings { Ipv4Neighbours = new(1_048_577, null, null) }, "ipv4_neighbours.gc_thresh1: 1048577 is not between 0 and 1048576"),
        Of(new HostSettings { Ipv6Neighbours = new(null, 1_048_577, null) }, "ipv6_neighbours.gc_thresh2: 1048577 is not between 0 and 1048576"),
        Of(new HostSettings { Ipv6Neighbours = new(null, null, 0) }, "ipv6_neighbours.gc_thresh3: 0 is not between 1 and 1048576"),
        Of(new HostSettings { Ipv6Neighbours = new(null, null, 1_048_577) }, "ipv6_neighbours.gc_thresh3: 1048577 is not between 1 and 1048576"),
        Of(new HostSettings { Ipv4Neighbours = new(9, 8, null) }, "ipv4_neighbours.gc_thresh1: 9 is more than gc_thresh2, which is 8"),
        Of(new HostSettings { Ipv4Neighbours = new(null, 9, 8) }, "ipv4_neighbours.gc_thresh2: 9 is more than gc_thresh3, which is 8"),
        Of(new HostSettings { Ipv4Neighbours = new(9, null, 8) }, "ipv4_neighbours.gc_thresh1: 9 is more than gc_thresh3, which is 8"),
    ];

    private static IEnumerable<TestCaseData> BadControl { get; } =
    [
        Of(Control("cloud0", "169.254.0.0/16"), "address: 169.254.0.0/16 has no host bits: it is the network and not the host's address in it"),
        Of(Control("cloud0", "169.254.255.255/16"), "address: 169.254.255.255/16 is the network's broadcast address"),
        Of(Control("cloud0", "10.1.1.128/25"), "address: 10.1.1.128/25 has no host bits: it is the network and not the host's address in it"),
        Of(Control("cloud0", "fd00::/64"), "address: fd00::/64 has no host bits: it is the network and not the host's address in it"),
        Of(Control("cloud0", "169.254.0.1/32"), "address: 169.254.0.1/32 leaves no network to share with system VMs; give the prefix length of one"),
        Of(Control("cloud0", "fd00::1/128"), "address: fd00::1/128 leaves no network to share with system VMs; give the prefix length of one"),
        Of(Control("cloud0", "10.0.0.1/0"), "address: 10.0.0.1/0 leaves no network to share with system VMs; give the prefix length of one"),
        Of(Control("cloud0", "224.0.0.1/8"), "address: 224.0.0.1/8 is a multicast address"),
        Of(Control("cloud0", "127.0.0.1/8"), "address: 127.0.0.1/8 is a loopback address"),
        Of(Control("cloud0", "::ffff:10.0.0.1/112"), "address: ::ffff:10.0.0.1/112 is an IPv4 address written as an IPv6 one; write it as IPv4"),
        Of(Control("a b", "169.254.0.1/16"), "bridge: has a character that no device's name can have: white space, a control character or one of / : %"),
        Of(Control("cloud0", "169.254.0.1/16") with { Mtu = 575 }, "mtu: 575 is not between 576 and 65535"),
        Of(Control("cloud0", "169.254.0.1/16") with { Mtu = 65_536 }, "mtu: 65536 is not between 576 and 65535"),
    ];

    private static IEnumerable<DriftPolicy> GoodDrift { get; } =
    [
        new(),
        new() { Mode = DriftMode.Observe, AuditInterval = TimeSpan.FromSeconds(5), MaxHealsPerMinute = 1 },
        new() { AuditInterval = TimeSpan.FromDays(1), MaxHealsPerMinute = 600 },
    ];

    private static IEnumerable<TestCaseData> BadDrift { get; } =
    [
        Of(new DriftPolicy { AuditInterval = TimeSpan.FromSeconds(4.9) }, "audit_interval: 4.9 s is not between 5 s and 1 day"),
        Of(new DriftPolicy { AuditInterval = TimeSpan.FromSeconds(-60) }, "audit_interval: -60 s is not between 5 s and 1 day"),
        Of(new DriftPolicy { AuditInterval = TimeSpan.FromSeconds(86_401) }, "audit_interval: 86401 s is not between 5 s and 1 day"),
        Of(new DriftPolicy { MaxHealsPerMinute = 0 }, "max_heals_per_minute: 0 is not between 1 and 600"),
        Of(new DriftPolicy { MaxHealsPerMinute = 601 }, "max_heals_per_minute: 601 is not between 1 and 600"),
    ];

    private static IEnumerable<TestCaseData> BadOptions { get; } =
    [
        Of(new ChangeOptions(""), "request_id: is required"),
        Of(new ChangeOptions(new string('x', 129)), "request_id: is not 1 to 128 printable ASCII characters"),
        Of(new ChangeOptions("a\tb"), "request_id: is not 1 to 128 printable ASCII characters"),
        Of(new ChangeOptions("ä"), "request_id: is not 1 to 128 printable ASCII characters"),
        Of(new ChangeOptions("a\u007f"), "request_id: is not 1 to 128 printable ASCII characters"),
        Of(new ChangeOptions("r") { Note = new string('x', 1025) }, "note: 1025 characters are more than 1024"),
    ];

    [TestCaseSource(nameof(GoodSettings))]
    public void Settings_Sound_FindsNothing(HostSettings settings) => Assert.That(Check(settings), Is.Empty);

    [TestCaseSource(nameof(BadSettings))]
    public void Settings_Unsound_SaysWhereAndWhy(HostSettings settings, string expected) =>
        Assert.That(Check(settings), Is.EqualTo(new[] { $"config.settings.{expected}" }));

    [TestCaseSource(nameof(GoodDrift))]
    public void Drift_Sound_FindsNothing(DriftPolicy policy) => Assert.That(Check(policy), Is.Empty);

    [TestCaseSource(nameof(BadDrift))]
    public void Drift_Unsound_SaysWhereAndWhy(DriftPolicy policy, string expected) =>
        Assert.That(Check(policy), Is.EqualTo(new[] { $"config.drift.{expected}" }));

    [TestCase("169.254.0.1/16")]
    [TestCase("10.1.1.129/25")]
    [TestCase("10.0.0.0/31")]
    [TestCase("10.0.0.1/31")]
    [TestCase("fd00::1/64")]
    [TestCase("fd00::ffff:ffff:ffff:ffff/64")]
    [TestCase("fd00::/127")]
    public void Control_Sound_FindsNothing(string address) =>
        Assert.That(Check(Control("cloud0", address) with { Mtu = 1500 }), Is.Empty);

    [TestCaseSource(nameof(BadControl))]
    public void Control_Unsound_SaysWhereAndWhy(ControlNetwork control, string expected) =>
        Assert.That(Check(control), Is.EqualTo(new[] { $"config.control_network.{expected}" }));

    [Test]
    public void Options_Sound_FindsNothing()
    {
        Assert.That(Check(new ChangeOptions("r"), planned: false), Is.Empty);
        Assert.That(Check(new ChangeOptions($" {new string('~', 127)}") { Note = new string('ä', 1024) }, planned: false), Is.Empty);
        Assert.That(Check(new ChangeOptions(""), planned: true), Is.Empty);
    }

    [TestCaseSource(nameof(BadOptions))]
    public void Options_Unsound_SaysWhereAndWhy(ChangeOptions options, string expected) =>
        Assert.That(Check(options, planned: false), Is.EqualTo(new[] { $"change.{expected}" }));

    [Test]
    public void Options_PlannedWithABadId_SaysSo() =>
        Assert.That(Check(new ChangeOptions("ä"), planned: true), Is.EqualTo(new[] { "change.request_id: is not 1 to 128 printable ASCII characters" }));

    private static IReadOnlyList<string> Check(HostSettings settings) =>
        Found.By(v => HostSettingsRules.Check(settings, new FieldPath("config.settings"), v));

    private static IReadOnlyList<string> Check(DriftPolicy policy) =>
        Found.By(v => DriftPolicyRules.Check(policy, new FieldPath("config.drift"), v));

    private static IReadOnlyList<string> Check(ControlNetwork control) =>
        Found.By(v => ControlNetworkRules.Check(control, new FieldPath("config.control_network"), v));

    private static IReadOnlyList<string> Check(ChangeOptions options, bool planned) =>
        Found.By(v => ChangeOptionRules.Check(options, planned, new FieldPath("change"), v));

    private static ControlNetwork Control(string bridge, string address) => new(bridge, IpPrefix.Parse(address), null);

    private static TestCaseData Of(object sample, string expected) => new TestCaseData(sample, expected).SetArgDisplayNames(expected);
}
