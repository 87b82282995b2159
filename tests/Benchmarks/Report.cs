using System.Globalization;
using System.Text.Json;

namespace Cloudbr.Agent.Benchmarks;

/// <summary>Prints the rows of a benchmark as a table and keeps them in out/bench.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string name, IReadOnlyList<Row> rows)
    {
        var width = rows.Max(r => r.Work.Length);
        Console.WriteLine($"{"work".PadRight(width)}  {"ours",12} {"peer",12} {"ratio",7}  unit (peer, runs)");
        foreach (var row in rows)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Work.PadRight(width)}  {row.Ours,12:0.###} {row.Peer,12:0.###} {row.Ratio,7:0.00}  {row.Unit} ({row.PeerName}, {row.Runs})"));
        }

        var directory = Environment.GetEnvironmentVariable("CLOUDBR_BENCH_OUT") ?? Path.Combine("out", "bench");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, name + ".json"), JsonSerializer.Serialize(rows, Indented) + "\n");
    }
}
