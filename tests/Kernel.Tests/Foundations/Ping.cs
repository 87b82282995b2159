using System.Globalization;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Foundations;

/// <summary>What ping counted.</summary>
internal sealed partial record Ping(int Sent, int Received)
{
    /// <summary>Sends so many echo requests, 10 ms apart, and waits a second for the last answer.</summary>
    internal static Ping From(NetNamespace source, string address, int count = 3, params IReadOnlyList<string> options)
    {
        var result = source.TryExec(
            ["ping", "-n", "-q", "-c", count.ToString(CultureInfo.InvariantCulture), "-i", "0.01", "-W", "1", .. options, address]);
        var counts = Summary().Match(result.Output);
        Assert.That(counts.Success, Is.True, () => result.ToString());
        return new Ping(Number(counts.Groups[1]), Number(counts.Groups[2]));
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Summary();
}
