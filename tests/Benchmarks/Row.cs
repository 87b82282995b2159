using System.Text.Json.Serialization;

namespace Cloudbr.Agent.Benchmarks;

/// <summary>One measured figure beside its peer. Smaller is better in every row, rates are stored as the time for one; but where something is to be as fast as asked, and no faster, the nearest to 1 is.</summary>
public sealed record Row(
    [property: JsonPropertyName("work")] string Work,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("ours")] double Ours,
    [property: JsonPropertyName("peer_name")] string PeerName,
    [property: JsonPropertyName("peer")] double Peer,
    [property: JsonPropertyName("runs")] int Runs)
{
    [JsonPropertyName("ratio")]
    [JsonPropertyOrder(1)]
    public double Ratio => Peer == 0 ? Ours : Ours / Peer;

    /// <summary>The median of several runs, against a figure that was asked for.</summary>
    public static Row Aim(string work, string unit, IReadOnlyCollection<double> ours, double aim) =>
        new(work, unit, Math.Round(Median(ours), 3), "aim", aim, ours.Count);

    /// <summary>The median of several runs, against a peer's in the same minutes.</summary>
    public static Row Against(
        string work, string unit, IReadOnlyCollection<double> ours, string peerName, IReadOnlyCollection<double> peer) =>
        new(work, unit, Math.Round(Median(ours), 3), peerName, Math.Round(Median(peer), 3), ours.Count);

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
