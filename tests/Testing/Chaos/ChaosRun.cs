using System.Globalization;

namespace Cloudbr.Agent.Testing.Chaos;

/// <summary>
/// How long and from which seed the chaos tests run. Unasked they run the same few seeds each time; `tests/run chaos` sets how many
/// seconds each of them has, and a seed, which makes the same failure again.
/// </summary>
public static class ChaosRun
{
    private const int UsualSeed = 1;

    /// <summary>Where the seeds start; the next are those that follow.</summary>
    public static int Seed { get; } = Number("CLOUDBR_CHAOS_SEED") ?? UsualSeed;

    /// <summary>How long each chaos test goes on; null unless somebody asked for more than the usual.</summary>
    public static TimeSpan? Limit { get; } = Number("CLOUDBR_CHAOS_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>
    /// One seed after another: so many, or in chaos mode for as long as there is time, and one at least. Tests that run beside each other
    /// share them: each takes every so-manieth.
    /// </summary>
    public static IEnumerable<int> Seeds(int usual, int first = 0, int every = 1)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; Limit is { } limit ? i == 0 || clock.Elapsed < limit : i < usual; i++)
        {
            yield return Seed + first + (i * every);
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
