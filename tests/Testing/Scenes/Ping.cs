using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>What ping counted.</summary>
public sealed partial record Ping(int Sent, int Received)
{
    private const int Refused = 2;

    /// <summary>Sends so many echo requests, 10 ms apart, and waits a second for the last answer.</summary>
    public static Ping From(NetNamespace source, string address, int count = 3, params IReadOnlyList<string> options)
    {
        var result = source.TryExec(
            ["ping", "-n", "-q", "-c", count.ToString(CultureInfo.InvariantCulture), "-i", "0.01", "-W", "1", .. options, address]);
        var counts = Summary().Match(result.Output);
        return counts.Success
            ? new Ping(Number(counts.Groups[1]), Number(counts.Groups[2]))
            : throw new InvalidOperationException(result.ToString());
    }

    /// <summary>Sends one echo request after another until one is answered.</summary>
    public static void UntilAnswered(NetNamespace source, string address, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            // An error from the network ("unreachable") ends ping before its own deadline, so it is started again.
            var left = Math.Max(1, (int)Math.Ceiling((limit - clock.Elapsed).TotalSeconds));
            var result = source.TryExec(
                ["ping", "-n", "-c", "1", "-i", "0.2", "-w", left.ToString(CultureInfo.InvariantCulture), address],
                limit: limit + TimeSpan.FromSeconds(10));
            if (result.Succeeded)
            {
                return;
            }

            if (result.ExitCode == Refused)
            {
                throw new InvalidOperationException($"cannot ping {address}: {result}");
            }

            if (clock.Elapsed >= limit)
            {
                throw new TimeoutException($"{address} did not answer within {limit.TotalSeconds:0} s: {result}");
            }
        }
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Summary();
}
