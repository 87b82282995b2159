using System.Diagnostics;
using System.Globalization;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Benchmarks.Links;

/// <summary>
/// Networks on the real kernel, each run in a namespace of its own, ours and <c>ip -batch</c> in turns. Ours is everything between
/// the call of the reconcile loop and its answer, so reading back and verifying is in it.
/// </summary>
internal static class LinksBench
{
    private const int Runs = 5;
    private const int Added = 40;
    private const int Small = 10;
    private const int Large = 4000;

    public static Task<IReadOnlyList<Row>> RunAsync()
    {
        // Compiled once, as in an agent that runs for weeks.
        Whole(200, isStatic: false, ours: [], peer: [], again: [], deleted: [], peerDeleted: []);
        Whole(200, isStatic: true, ours: [], peer: [], again: [], deleted: [], peerDeleted: []);
        var rows = new List<Row>();
        foreach (var (count, isStatic) in new[] { (100, false), (1000, false), (2000, false), (Large, true) })
        {
            List<double> ours = [], peer = [], again = [], deleted = [], peerDeleted = [];
            for (var run = 0; run < (count > 1000 ? 3 : Runs); run++)
            {
                Whole(count, isStatic, ours, peer, again, deleted, peerDeleted);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} {(isStatic ? "static" : "multicast")}: created {ours[^1]:0} ms (ip -batch {peer[^1]:0}), again {again[^1]:0.0}, deleted {deleted[^1]:0} (once {peerDeleted[0]:0})"));
            }

            var what = string.Create(CultureInfo.InvariantCulture, $"{count} {(isStatic ? "static" : "multicast")} VXLANs with bridges");
            rows.Add(Row.Against($"create {what}", "ms", ours, "ip -batch", peer));
            rows.Add(Row.Aim($"apply {what} again, unchanged", "ms", again, 5.0 * count / 1000));
            rows.Add(Row.Against($"delete {what}", "ms", deleted, "ip -batch", peerDeleted));
        }

        rows.AddRange(AddOne());
        return Task.FromResult<IReadOnlyList<Row>>(rows);
    }

    private static void Whole(
        int count, bool isStatic, List<double> ours, List<double> peer, List<double> again, List<double> deleted, List<double> peerDeleted)
    {
        using (var host = new BenchHost(isStatic))
        {
            var config = host.Config(count);
            ours.Add(Time(() => host.Apply(config, ChangeOutcome.Applied)));

            // A management server sends it anew, so it is never the same object.
            var same = host.Config(count);
            again.Add(Time(() => host.Apply(same, ChangeOutcome.Unchanged)));
            var none = host.Config(0);
            deleted.Add(Time(() => host.Apply(none, ChangeOutcome.Applied)));
        }

        using var scripted = new BatchPeer(isStatic);
        peer.Add(scripted.Create(count));
        if (peerDeleted.Count == 0)
        {
            // Once is enough: it takes minutes.
            peerDeleted.Add(scripted.Delete(count));
        }
        else
        {
            scripted.Clear(count);
        }
    }

    /// <summary>One more network, on a host with few and on one with many, in turns.</summary>
    private static IEnumerable<Row> AddOne()
    {
        using var small = new BenchHost(isStatic: true);
        using var large = new BenchHost(isStatic: true);
        small.Apply(small.Config(Small), ChangeOutcome.Applied);
        large.Apply(large.Config(Large), ChangeOutcome.Applied);
        List<double> few = [], many = [];
        for (var i = 0; i < Added; i++)
        {
            few.Add(Time(() => small.Implement(Large + 1 + i)));
            many.Add(Time(() => large.Implement(Large + 1 + i)));
        }

        yield return Row.Against($"add one to {Large} static VXLANs", "ms", many, $"to {Small}", few);
        using var smallPeer = new BatchPeer(isStatic: true);
        using var largePeer = new BatchPeer(isStatic: true);
        smallPeer.Create(Small);
        largePeer.Create(Large);
        List<double> peerFew = [], peerMany = [];
        for (var i = 0; i < Added; i++)
        {
            peerFew.Add(smallPeer.Create(1, from: Large + 1 + i));
            peerMany.Add(largePeer.Create(1, from: Large + 1 + i));
        }

        yield return Row.Against($"ip -batch: add one to {Large} static VXLANs", "ms", peerMany, $"to {Small}", peerFew);
        largePeer.Clear(Large);
        large.Apply(large.Config(0), ChangeOutcome.Applied);
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }
}
