using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What a Port has to be by itself, whatever else is on the host.</summary>
public static class PortRules
{
    public const int MostAddresses = 1024;
    public const int MostPairs = 64;

    private const int MostDisplayName = 64;
    private const ulong LeastRate = 8_000;
    private const ulong MostRate = 400_000_000_000;
    private const ulong LeastBurst = 1_600;
    private const ulong MostBurst = 268_435_456;

    /// <summary>The kernel counts a burst by the time that it takes, and not for much longer than this.</summary>
    private const int MostBurstSeconds = 240;

    /// <summary>Comparing each with each is faster than a table up to about here.</summary>
    private const int FewItems = 8;

    public static void Check(Port port, FieldPath path, Violations violations)
    {
        violations.CheckId(port.NicId, path, "nic_id");
        violations.CheckLength(port.DisplayName, MostDisplayName, path, "display_name");
        violations.CheckId(port.Network, path, "network_id");
        if (port.Device.Length > 0)
        {
            violations.CheckPortDevice(port.Device, path, "device");
        }

        violations.CheckMac(port.Mac, path, "mac");
        CheckAddresses(port.Addresses.AsSpan(), path, "addresses", violations);
        CheckPairs(port.AllowedPairs, path, violations);
        CheckRate(port.RateLimit?.ToGuest, path, "rate_limit.to_guest", violations);
        CheckRate(port.RateLimit?.FromGuest, path, "rate_limit.from_guest", violations);
        if (port.Security is { } security)
        {
            if (port.IsTrusted)
            {
                violations.Add($"{path}.security", "is refused for a trusted port, which is let through as it is");
            }

            SecurityRules.Check(security, path, violations);
            UntrackedRules.Check(port, security, path, violations);
        }
    }

    private static void CheckPairs(ValueList<AllowedPair> pairs, FieldPath path, Violations violations)
    {
        if (pairs.Count > MostPairs)
        {
            violations.Add($"{path}.allowed_pairs", $"{pairs.Count} are more than {MostPairs}");
            return;
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            var here = new FieldPath($"{path}.allowed_pairs", i);
            violations.CheckMac(pairs[i].Mac, here, "mac");
            CheckAddresses(pairs[i].Addresses.AsSpan(), here, "addresses", violations);
        }
    }

    /// <summary>Addresses that a guest may send from.</summary>
    private static void CheckAddresses(ReadOnlySpan<IpPrefix> addresses, FieldPath path, string field, Violations violations)
    {
        if (addresses.Length > MostAddresses)
        {
            violations.Add($"{path}.{field}", $"{addresses.Length} are more than {MostAddresses}");
            return;
        }

        var table = addresses.Length > FewItems ? new Dictionary<IpPrefix, int>(addresses.Length) : null;
        for (var i = 0; i < addresses.Length; i++)
        {
            var address = addresses[i];
            if ((AddressRules.Fault(address.Address) ?? AddressRules.Fault(address)) is { } fault)
            {
                violations.Add($"{path}.{field}[{i}]", $"{address} {fault}");
            }

            var first = table is null ? addresses[..i].IndexOf(address) : table.TryAdd(address, i) ? -1 : table[address];
            if (first >= 0)
            {
                violations.Add($"{path}.{field}[{i}]", $"{address} is also {field}[{first}]");
            }
        }
    }

    private static void CheckRate(Rate? rate, FieldPath path, string field, Violations violations)
    {
        violations.CheckRange(rate?.BitsPerSecond, LeastRate, MostRate, path, $"{field}.rate_bps");
        violations.CheckRange(rate?.BurstBytes, LeastBurst, MostBurst, path, $"{field}.burst_bytes");
        if (rate is { BitsPerSecond: >= (long)LeastRate, BurstBytes: { } burst and <= (long)MostBurst } && 8 * burst > MostBurstSeconds * rate.BitsPerSecond)
        {
            violations.Add($"{path}.{field}.burst_bytes", $"{burst} take more than {MostBurstSeconds} seconds at {rate.BitsPerSecond} bit/s");
        }
    }
}
