using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Firewall.Tools;

/// <summary>What the packet filter's tools say of themselves when asked for --version.</summary>
public static class ToolVersion
{
    /// <summary>The tools that rules are programmed with.</summary>
    public static IReadOnlyList<string> Tools { get; } = ["iptables", "ip6tables", "ebtables", "ipset"];

    /// <summary>
    /// Reads "iptables v1.8.9 (nf_tables)", "ebtables 1.8.9 (legacy)", "ipset v7.17, protocol version: 7". A tool that speaks
    /// otherwise is unknown, never guessed.
    /// </summary>
    public static FirewallTool Parse(string name, string output)
    {
        var line = output.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        var word = line?[(name.Length + 1)..].TrimEnd().TrimStart('v').Split(' ', ',')[0];
        if (string.IsNullOrEmpty(word) || !char.IsAsciiDigit(word[0]) || !word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        {
            return new FirewallTool(
                name, "", FirewallBackend.Unknown, Availability.Unknown, $"{name} --version said something unexpected: \"{output.Trim()}\"");
        }

        var backend = name == "ipset" ? FirewallBackend.None
            : line!.Contains("(nf_tables)", StringComparison.Ordinal) ? FirewallBackend.Nft
            : line.Contains("(legacy)", StringComparison.Ordinal) ? FirewallBackend.Legacy
            : FirewallBackend.Unknown;
        return new FirewallTool(name, word, backend, Availability.Available, "");
    }
}
