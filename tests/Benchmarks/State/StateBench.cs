using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Linux.Files;
using Cloudbr.Agent.Testing;

namespace Cloudbr.Agent.Benchmarks.State;

/// <summary>
/// What a change pays for being on disk before and after it is made: Intend and Accept of a generation in which one network is another.
/// Beside it what the disk takes for the same bytes, syncs and renames. TMPDIR says which disk.
/// </summary>
internal static class StateBench
{
    private const int Runs = 200;

    public static Task<IReadOnlyList<Row>> RunAsync() => Task.FromResult<IReadOnlyList<Row>>([Measure(10), Measure(4000)]);

    private static Row Measure(int networks)
    {
        using var files = new TempDirectory();
        var codec = new GenerationMapping();
        using var journal = new FileJournal(files["state"], codec, TimeProvider.System);
        journal.Read();
        using var disk = Folder.Open(files["disk"]);
        var config = HostConfig.Empty with
        {
            Networks = HostConfig.Empty.Networks.AddRange(Enumerable.Range(1, networks).Select(vni => KeyValuePair.Create(IdOf(vni), Static(vni, 3)))),
        };
        Keep(1);
        List<double> ours = [], peer = [];
        for (var run = 0; run < Runs; run++)
        {
            config = config with { Networks = config.Networks.SetItem(IdOf(networks / 2), Static(networks / 2, 4 + (run % 2))) };
            var generation = (ulong)run + 2;
            ours.Add(Time(() => Keep(generation)));
            var bytes = new ArrayBufferWriter<byte>();
            codec.Encode(Generation(generation, config), bytes);
            peer.Add(Time(() => Write(disk, bytes.WrittenSpan)));
        }

        return Row.Against(
            string.Create(CultureInfo.InvariantCulture, $"intend and accept a generation of {networks} networks"), "ms", ours, "the same writes", peer);

        void Keep(ulong number)
        {
            journal.Intend(Generation(number, config));
            journal.Accept();
        }
    }

    private static void Write(Folder disk, ReadOnlySpan<byte> bytes)
    {
        using (var file = disk.Create("temporary"))
        {
            file.Write(bytes);
            file.Sync();
        }

        disk.Rename("temporary", "next");
        disk.Sync();
        disk.Rename("desired", "previous");
        disk.Rename("next", "desired");
        disk.Sync();
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static Generation Generation(ulong number, HostConfig config) => new()
    {
        Entry = new HistoryEntry
        {
            Generation = number,
            AcceptedAt = DateTimeOffset.UnixEpoch,
            Caller = "uid=0",
            RequestId = "bench",
            Method = "HostNetwork/Implement",
            Summary = "another peer",
        },
        Config = config,
    };

    private static Network Static(int vni, int peer) => new()
    {
        Id = IdOf(vni),
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(
            vni, null, null, new VxlanStatic([IPAddress.Parse("192.0.2.2"), new IPAddress([192, 0, 2, (byte)peer])], [], null), null),
    };

    private static string IdOf(int vni) => string.Create(CultureInfo.InvariantCulture, $"net-{vni}");
}
