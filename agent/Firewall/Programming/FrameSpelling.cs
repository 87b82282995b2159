using System.Text.RegularExpressions;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>
/// ebtables on nf_tables prints what it was given; the legacy one leaves zeros out of MACs, has a name for what ARP asks about, and forgets
/// a space.
/// Rules are compared as the first prints them.
/// </summary>
internal static partial class FrameSpelling
{
    public static string Normalise(string rule) => ShortMac()
        .Replace(rule, mac => string.Join(':', mac.Value.Split(':').Select(part => part.PadLeft(2, '0'))))
        .Replace("--arp-ptype IPv4 ", "--arp-ptype 0x800 ", StringComparison.Ordinal)
        .Replace("\"--nflog-group", "\" --nflog-group", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<= )[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}(?= )")]
    private static partial Regex ShortMac();
}
