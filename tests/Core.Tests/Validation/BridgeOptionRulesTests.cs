using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Core.Tests.Validation;

internal sealed class BridgeOptionRulesTests
{
    private const string Ticks = "is no multiple of 10, and the kernel counts in hundredths of a second";

    private static IEnumerable<BridgeOptions> Good { get; } =
    [
        new(),
        new() { ForwardDelayMs = 0 },
        new() { ForwardDelayMs = 30_000 },
        new() { Stp = false, ForwardDelayMs = 10 },
        new() { Stp = true, ForwardDelayMs = 2_000 },
        new() { Stp = true, ForwardDelayMs = 30_000 },
        new() { AgeingMs = 10_000 },
        new() { AgeingMs = 1_000_000 },
        new() { GroupFwdMask = 0 },
        new() { GroupFwdMask = 65_528 },
        new() { Mac = MacAddress.Parse("02:00:5e:10:00:01") },
    ];

    private static IEnumerable<TestCaseData> Bad { get; } =
    [
        Of(new() { ForwardDelayMs = 30_010 }, "forward_delay_ms: 30010 is not between 0 and 30000"),
        Of(new() { ForwardDelayMs = 15 }, $"forward_delay_ms: 15 {Ticks}"),
        Of(new() { Stp = true }, "forward_delay_ms: 0 is not between 2000 and 30000, as spanning tree needs it"),
        Of(new() { Stp = true, ForwardDelayMs = 1_990 }, "forward_delay_ms: 1990 is not between 2000 and 30000, as spanning tree needs it"),
        Of(new() { Stp = true, ForwardDelayMs = 30_010 }, "forward_delay_ms: 30010 is not between 2000 and 30000, as spanning tree needs it"),
        Of(new() { AgeingMs = 9_990 }, "ageing_ms: 9990 is not between 10000 and 1000000"),
        Of(new() { AgeingMs = 1_000_010 }, "ageing_ms: 1000010 is not between 10000 and 1000000"),
        Of(new() { AgeingMs = 10_005 }, $"ageing_ms: 10005 {Ticks}"),
        Of(new() { GroupFwdMask = 65_536 }, "group_fwd_mask: 65536 is not between 0 and 65535"),
        Of(new() { GroupFwdMask = 1 }, "group_fwd_mask: 1 has bits 0 to 2, which are the kernel's"),
        Of(new() { GroupFwdMask = 2 }, "group_fwd_mask: 2 has bits 0 to 2, which are the kernel's"),
        Of(new() { GroupFwdMask = 16_388 }, "group_fwd_mask: 16388 has bits 0 to 2, which are the kernel's"),
        Of(new() { Mac = MacAddress.Zero }, "mac: 00:00:00:00:00:00 is no address, and a bridge has one of its own"),
        Of(new() { Mac = MacAddress.Parse("03:00:00:00:00:01") }, "mac: 03:00:00:00:00:01 is a group address, and a bridge has one of its own"),
    ];

    [TestCaseSource(nameof(Good))]
    public void Check_Sound_FindsNothing(BridgeOptions options) => Assert.That(Check(options), Is.Empty);

    [TestCaseSource(nameof(Bad))]
    public void Check_Unsound_SaysWhereAndWhy(BridgeOptions options, string expected) =>
        Assert.That(Check(options), Is.EqualTo(new[] { $"network.bridge.{expected}" }));

    private static IReadOnlyList<string> Check(BridgeOptions options) =>
        Found.By(v => BridgeOptionRules.Check(options, new FieldPath("network"), v));

    private static TestCaseData Of(BridgeOptions options, string expected) => new TestCaseData(options, expected).SetArgDisplayNames(expected);
}
