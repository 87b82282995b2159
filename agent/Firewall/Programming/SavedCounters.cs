using System.Globalization;
using Cloudbr.Agent.Firewall.Rendering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>How often and with how many bytes a rule matched.</summary>
public readonly record struct Count(ulong Packets, ulong Bytes)
{
    public static Count operator +(Count left, Count right) => new(left.Packets + right.Packets, left.Bytes + right.Bytes);
}

/// <summary>What the rules of one chain counted.</summary>
public sealed class ChainCounts
{
    private readonly Dictionary<int, Count> _rules = [];

    /// <summary>The chain's last rule, which says what it is and a hash of all of it.</summary>
    public string Seal { get; private set; } = "";

    public int Length { get; private set; }

    /// <summary>What came as far as the last rule.</summary>
    public Count Rest { get; private set; }

    /// <summary>All lines of a port's rule together; none: it has no line here, and counted nothing.</summary>
    public Count Of(int place) => _rules.GetValueOrDefault(place);

    internal void Add(ReadOnlySpan<char> rule, Count count)
    {
        if (RuleMark.Read(rule) is { } place)
        {
            _rules[place] = Of(place) + count;
        }

        (Seal, Rest) = (rule.ToString(), count);
        Length++;
    }
}

/// <summary>Reads what chains counted from what "iptables-save -c" prints, and passes over all others: there may be tens of thousands of lines.</summary>
public static class SavedCounters
{
    private const string ToRule = "] -A ";

    /// <summary>Of those asked for the chains that have rules.</summary>
    public static IReadOnlyDictionary<string, ChainCounts> Read(string text, IEnumerable<string> chains)
    {
        var found = chains.Distinct(StringComparer.Ordinal).ToDictionary(c => c, _ => new ChainCounts(), StringComparer.Ordinal);
        var byName = found.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            // "[12:3456] -A chain rule"
            var end = line.StartsWith('[') ? line.IndexOf(ToRule) : -1;
            if (end < 0)
            {
                continue;
            }

            var rest = line[(end + ToRule.Length)..];
            var space = rest.IndexOf(' ');
            if (space > 0 && byName.TryGetValue(rest[..space], out var chain) && ReadCount(line[1..end]) is { } count)
            {
                chain.Add(rest[(space + 1)..].TrimEnd(), count);
            }
        }

        return found.Where(c => c.Value.Length > 0).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal);
    }

    private static Count? ReadCount(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        return colon > 0
            && ulong.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var packets)
            && ulong.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                ? new Count(packets, bytes)
                : null;
    }
}
