using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>Tells a collector of what is dropped, if the port asks for it, and of no more than it asks for.</summary>
internal static class DropLog
{
    /// <summary>The parts of a second that the limit of the kernel counts in.</summary>
    private const int Parts = 10_000;

    /// <summary>What the limit's burst is if nothing is said; then nothing is printed either.</summary>
    private const int UsualBurst = 5;

    private const int MostPrefix = 63;

    private const string Spoofed = "spoofed";

    public static void Write(ChainWriter chain, Port port, string why)
    {
        if (port.Security?.DropLogging is not { } log)
        {
            return;
        }

        var burst = log.PacketsPerSecond == UsualBurst ? "" : Option("--limit-burst", log.PacketsPerSecond);
        chain.Add($"-m limit{Rate(log)}{burst} -j NFLOG --nflog-prefix {Spelling.Quote(Prefix(port, why))}{Group(log)}");
    }

    /// <summary>What becomes of a packet that pretends to be somebody else's: it is dropped, and told of if the port asks for it.</summary>
    public static string Forged(Port port, ICollection<Chain> chains)
    {
        if (port.Security?.DropLogging is null)
        {
            return "-j DROP";
        }

        var chain = new ChainWriter(ChainNames.Of('d', port.NicId), ObjectRef.Port(port.NicId));
        Write(chain, port, Spoofed);
        chains.Add(chain.Seal("-j DROP"));
        return $"-j {chain.Name}";
    }

    /// <summary>The same for a frame, in ebtables' words: it knows no group 0, and then nothing is told.</summary>
    public static string ForgedFrame(Port port, ICollection<Chain> chains)
    {
        if (port.Security?.DropLogging is not { Group: > 0 } log)
        {
            return "-j DROP";
        }

        var chain = new ChainWriter(ChainNames.Of('d', port.NicId), ObjectRef.Port(port.NicId));
        chain.Add($"{Rate(log).TrimStart()}{Option("--limit-burst", log.PacketsPerSecond)} --nflog-prefix \"{Prefix(port, Spoofed)}\"{Group(log)} -j CONTINUE");
        chain.Add("-j DROP");
        chains.Add(chain.Finish());
        return $"-j {chain.Name}";
    }

    private static string Prefix(Port port, string why)
    {
        var prefix = $"cloudbr:{why}:{port.NicId}";
        return prefix[..Math.Min(prefix.Length, MostPrefix)];
    }

    private static string Rate(DropLogging log) => string.Create(CultureInfo.InvariantCulture, $" --limit {Spelling.Rate(log.PacketsPerSecond, Parts)}/sec");

    private static string Group(DropLogging log) => log.Group == 0 ? "" : Option("--nflog-group", log.Group);

    private static string Option(string name, int value) => string.Create(CultureInfo.InvariantCulture, $" {name} {value}");
}
