using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>How a bridge may behave.</summary>
public static class BridgeOptionRules
{
    private const int MostDelayMs = 30_000;
    private const int LeastDelayWithStpMs = 2_000;

    /// <summary>The kernel counts in hundredths of a second.</summary>
    private const int TickMs = 10;

    /// <summary>Pause frames, spanning tree and 802.1X-like control frames: the kernel never forwards these.</summary>
    private const int KernelsBits = 0b111;

    /// <param name="options">What to check.</param>
    /// <param name="path">Of what has the bridge, as its field <c>bridge</c>.</param>
    /// <param name="violations">Where what is wrong is added.</param>
    public static void Check(BridgeOptions options, FieldPath path, Violations violations)
    {
        CheckDelay(options, path, violations);
        violations.CheckRange(options.AgeingMs, 10_000, 1_000_000, path, "bridge.ageing_ms");
        CheckTicks(options.AgeingMs, path, "bridge.ageing_ms", violations);
        if (options.Mac is { } mac && (mac.IsZero || mac.IsGroup))
        {
            violations.Add($"{path}.bridge.mac", $"{mac} is {(mac.IsZero ? "no address" : "a group address")}, and a bridge has one of its own");
        }

        violations.CheckRange(options.GroupFwdMask, 0, 65_535, path, "bridge.group_fwd_mask");
        if (options.GroupFwdMask is { } mask && (mask & KernelsBits) != 0 && RangeRules.IsBetween(mask, 0, 65_535))
        {
            violations.Add($"{path}.bridge.group_fwd_mask", $"{mask} has bits 0 to 2, which are the kernel's");
        }
    }

    private static void CheckDelay(BridgeOptions options, FieldPath path, Violations violations)
    {
        const string Field = "bridge.forward_delay_ms";
        if (options.Stp == true && !RangeRules.IsBetween(options.ForwardDelayMs ?? 0, LeastDelayWithStpMs, MostDelayMs))
        {
            violations.Add($"{path}.{Field}", $"{RangeRules.Text(options.ForwardDelayMs ?? 0)} is not between 2000 and 30000, as spanning tree needs it");
            return;
        }

        violations.CheckRange(options.ForwardDelayMs, 0, MostDelayMs, path, Field);
        CheckTicks(options.ForwardDelayMs, path, Field, violations);
    }

    private static void CheckTicks(int? time, FieldPath path, string field, Violations violations)
    {
        if (time is { } ms && (uint)ms % TickMs != 0)
        {
            violations.Add($"{path}.{field}", $"{RangeRules.Text(ms)} is no multiple of 10, and the kernel counts in hundredths of a second");
        }
    }
}
