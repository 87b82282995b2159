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
    private const int WarmUp = 200;
    private const int Reapplied = 5;
    private const int Added = 40;
    private const int Small = 10;
    private const int Large = 4000;

    /// <summary>Removing more than these one by one takes minutes.</summary>
    private const int MostDeletedByPeer = 1000;

    private static readonly (int Count, bool IsStatic, int Runs)[] Wholes = [(100, false, 5), (1000, false, 3), (2000, false, 2), (Large, true, 2)];

    public static Task<IReadOnlyList<Row>> RunAsync()
    {
        // Compiled once, as in an agent that runs for weeks.
        new Whole(WarmUp, isStatic: false).Run();
        new Whole(WarmUp, isStatic: true).Run();
        var rows = new List<Row>();
        foreach (var (count, isStatic, runs) in Wholes)
        {
            var whole = new Whole(count, isStatic);
            for (var run = 0; run < runs; run++)
            {
                whole.Run();
            }

            rows.AddRange(whole.Rows());
        }

        rows.AddRange(AddOne());
        return Task.FromResult<IReadOnlyList<Row>>(rows);
    }

    /// <summary>One more network, on a host with few and on one with many, in turns; and what that costs a script.</summary>
    private static IEnumerable<Row> AddOne()
    {
        using var small = new BenchHost(isStatic: true);
        using var large = new BenchHost(isStatic: true);
        using var smallPeer = new BatchPeer(isStatic: true);
        using var largePeer = new BatchPeer(isStatic: true);
        small.Apply(small.Config(Small), ChangeOutcome.Applied);
        large.Apply(large.Config(Large), ChangeOutcome.Applied);
        smallPeer.Create(Small);
        largePeer.Create(Large);
        List<double> few = [], many = [], peerFew = [], peerMany = [];
        for (var vni = Large + 1; vni <= Large + Added; vni++)
        {
            few.Add(Time(() => small.Implement(vni)));
            many.Add(Time(() => large.Implement(vni)));
            peerFew.Add(smallPeer.Create(1, from: vni));
            peerMany.Add(largePeer.Create(1, from: vni));
        }

        yield return Row.Against($"add one to {Large} static VXLANs", "ms", many, $"to {Small}", few);
        yield return Row.Against($"add one to {Large} static VXLANs", "ms", many, $"ip -batch to {Large}", peerMany);
        yield return Row.Against($"ip -batch: add one to {Large} static VXLANs", "ms", peerMany, $"to {Small}", peerFew);
        large.Apply(large.Config(0), ChangeOutcome.Applied);
        largePeer.Clear(Large);
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>A whole configuration: made, applied again, removed.</summary>
    private sealed class Whole(int count, bool isStatic)
    {
        private readonly string _what =
            string.Create(CultureInfo.InvariantCulture, $"{count} {(isStatic ? "static" : "multicast")} VXLANs with bridges");

        private readonly List<double> _created = [];
        private readonly List<double> _again = [];
        private readonly List<double> _deleted = [];
        private readonly List<double> _peerCreated = [];
        private readonly List<double> _peerDeleted = [];

        public void Run()
        {
            using (var host = new BenchHost(isStatic))
            {
                var config = host.Config(count);
                _created.Add(Time(() => host.Apply(config, ChangeOutcome.Applied)));
                for (var i = 0; i < Reapplied; i++)
                {
                    // A management server sends it anew, so it is never the same object.
                    var same = host.Config(count);
                    _again.Add(Time(() => host.Apply(same, ChangeOutcome.Unchanged)));
                }

                var none = host.Config(0);
                _deleted.Add(Time(() => host.Apply(none, ChangeOutcome.Applied)));
            }

            using var peer = new BatchPeer(isStatic);
            _peerCreated.Add(peer.Create(count));
            if (_peerDeleted.Count == 0 && count <= MostDeletedByPeer)
            {
                _peerDeleted.Add(peer.Delete(count));
            }
            else
            {
                // So that the kernel is not still busy with it in the next run.
                peer.Clear(count);
            }

            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{_what}: created in {_created[^1]:0} ms (ip -batch {_peerCreated[^1]:0}), again {_again[^1]:0.0}, removed {_deleted[^1]:0}"));
        }

        public IEnumerable<Row> Rows()
        {
            yield return Row.Against($"create {_what}", "ms", _created, "ip -batch", _peerCreated);
            yield return Row.Aim($"apply {_what} again, unchanged", "ms", _again, 5.0 * count / 1000);
            if (_peerDeleted.Count > 0)
            {
                yield return Row.Against($"delete {_what}", "ms", _deleted, "ip -batch", _peerDeleted);
            }
        }
    }
}
