using System.Globalization;
using Cloudbr.Agent.Firewall.Rendering;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>
/// Names that the tools print for numbers: "-p vrrp" for 112, "-p LLDP" for 0x88cc. They take them from /etc/protocols and
/// /etc/ethertypes, which differ from host to host.
/// </summary>
public sealed class NumberNames
{
    private readonly Dictionary<string, string> _spellings;

    private readonly Func<string, string> _normaliseRest;

    private NumberNames(Dictionary<string, string> spellings, Func<string, string> normaliseRest) =>
        (_spellings, _normaliseRest) = (spellings, normaliseRest);

    /// <summary>What iptables knows without any file.</summary>
    public static NumberNames Protocols(string etcProtocols)
    {
        var numbers = Read(etcProtocols, NumberStyles.None);
        foreach (var (name, number) in (ReadOnlySpan<(string, int)>)
            [("tcp", 6), ("udp", 17), ("udplite", 136), ("icmp", 1), ("icmpv6", 58), ("ipv6-icmp", 58), ("esp", 50), ("ah", 51), ("sctp", 132), ("mh", 135), ("ipv6-mh", 135)])
        {
            numbers.TryAdd(name, number);
        }

        return new(numbers.Where(n => n.Value <= byte.MaxValue).ToDictionary(n => n.Key, n => Spelling.Protocol((byte)n.Value), StringComparer.Ordinal), rule => rule);
    }

    public static NumberNames Ethertypes(string etcEthertypes)
    {
        var spellings = Read(etcEthertypes, NumberStyles.AllowHexSpecifier).ToDictionary(n => n.Key, n => Spelling.Ethertype(n.Value), StringComparer.Ordinal);
        return new(spellings, FrameSpelling.Normalise);
    }

    /// <summary>The rule as it would be written here.</summary>
    public string Normalise(string rule) => _normaliseRest(NormaliseType(rule));

    private string NormaliseType(string rule)
    {
        var start = rule.StartsWith("-p ", StringComparison.Ordinal) ? 3 : rule.IndexOf(" -p ", StringComparison.Ordinal) is var at and >= 0 ? at + 4 : -1;
        if (start < 0)
        {
            return rule;
        }

        start += rule.AsSpan(start).StartsWith("! ") ? 2 : 0;
        var end = rule.IndexOf(' ', start);
        end = end < 0 ? rule.Length : end;
        var word = rule[start..end];
        var spelling = _spellings.GetValueOrDefault(word)
            ?? (word.StartsWith("0x", StringComparison.Ordinal) && int.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var type)
                ? Spelling.Ethertype(type)
                : word);
        return spelling == word ? rule : $"{rule.AsSpan(0, start)}{spelling}{rule.AsSpan(end)}";
    }

    /// <summary>Lines of a name, a number and more names.</summary>
    private static Dictionary<string, int> Read(string file, NumberStyles style)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in file.Split('\n'))
        {
            var words = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && int.TryParse(words[1], style, CultureInfo.InvariantCulture, out var number))
            {
                numbers.TryAdd(words[0], number);
            }
        }

        return numbers;
    }
}
