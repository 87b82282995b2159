using System.Globalization;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>Tells a collector of what is dropped, if the port asks for it, and of no more than it asks for.</summary>
internal static class DropLog
{
    /// <summary>The parts of a second that the limit of the kernel counts in.</summary>
    private const int Parts = 10_000;

    /// <summary>What the limit's burst is if nothing is said; then nothing is printed either.</summary>
    private const int UsualBurst = 5;

    private const int MostPrefix = 63;

    public static void Write(ChainWriter chain, Port port, string why)
    {
        if (port.Security?.DropLogging is not { } log)
        {
            return;
        }

        var prefix = $"cloudbr:{why}:{port.NicId}";
        prefix = prefix[..Math.Min(prefix.Length, MostPrefix)];
        var rate = Spelling.Rate(log.PacketsPerSecond, Parts);
        var burst = log.PacketsPerSecond == UsualBurst ? "" : string.Create(CultureInfo.InvariantCulture, $" --limit-burst {log.PacketsPerSecond}");
        var group = log.Group == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" --nflog-group {log.Group}");
        chain.Add(string.Create(CultureInfo.InvariantCulture, $"-m limit --limit {rate}/sec{burst} -j NFLOG --nflog-prefix {Spelling.Quote(prefix)}{group}"));
    }
}
