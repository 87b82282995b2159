using System.Globalization;
using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Namespaces;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>An echo request every 10 ms while something happens, and afterwards the numbers of those that were never answered.</summary>
internal sealed partial class SteadyPing : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly RunningCommand _ping;
    private readonly HashSet<int> _answered = [];

    private SteadyPing(RunningCommand ping) => _ping = ping;

    /// <summary>Returns when the first one was answered.</summary>
    public static async Task<SteadyPing> StartAsync(NetNamespace source, string address)
    {
        Ping.UntilAnswered(source, address, Limit);
        var steady = new SteadyPing(source.Start("ping", "-n", "-D", "-i", "0.01", address));
        await steady.NextAsync();
        return steady;
    }

    /// <summary>Goes on until one is answered that was sent after this call, and then says which before it were lost.</summary>
    public async Task<IReadOnlyList<int>> LostAsync()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000m;
        var fresh = 0;
        var last = 0;
        while (fresh < 2)
        {
            // The time is that of the answer: the second one after now was sent after now, too.
            (last, var when) = await NextAsync();
            fresh += when > now ? 1 : 0;
        }

        return [.. Enumerable.Range(1, last).Except(_answered)];
    }

    public void Dispose() => _ping.Dispose();

    private async Task<(int Number, decimal When)> NextAsync()
    {
        var match = Answer().Match(await _ping.WaitForLineAsync("ttl=", Limit));
        var number = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        _answered.Add(number);
        return (number, decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^\[([\d.]+)\].*icmp_seq=(\d+) ")]
    private static partial Regex Answer();
}
