using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Filtering;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Scenes;

namespace Cloudbr.Agent.Benchmarks.Shaping;

/// <summary>
/// What one TCP connection of iperf3 comes to through a port with a rate limit, in both directions; without the first two seconds, in which
/// TCP finds the rate and the first burst passes. And what it costs a host that the agent looks for limits at all.
/// </summary>
internal static class ShapingBench
{
    private const string Bridge = "brvx-101";
    private const int Runs = 3;
    private const int Reads = 20;
    private const int Networks = 1000;
    private static readonly string[] TenSeconds = ["-t", "10", "-O", "2"];

    private static readonly Network Network = new()
    {
        Id = "net-101",
        PhysicalNetwork = "eth0",
        Isolation = new VxlanIsolation(101, null, null, new VxlanStatic([IPAddress.Parse("192.0.2.2")], [], null), null),
        GuestMtu = 1450,
    };

    public static async Task<IReadOnlyList<Row>> RunAsync() => [.. await MeasureRatesAsync(), MeasureReading()];

    private static async Task<List<Row>> MeasureRatesAsync()
    {
        using var hosts = TwoHosts.Create();
        var host = hosts.First;
        var providers = NetworkProbe.Run("bench");
        using var loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "bench",
            Kernel = LinuxKernel.Open(host.Namespace.Handle),
            Providers = providers,
            Filter = new FilterDesigner(9600, () => false, () => false),
            Journal = new MemoryJournal(),
            History = new MemoryHistory(),
            Observer = new SilentObserver(),
        });
        await Change(loop, new ReplaceConfig(
            HostConfig.Empty with
            {
                PhysicalNetworks = HostConfig.Empty.PhysicalNetworks.Add("eth0", new PhysicalNetwork { Label = "eth0", TrafficTypes = [TrafficType.Guest] }),
                Networks = HostConfig.Empty.Networks.Add(Network.Id, Network),
            },
            ReplaceConfig.AllSections));
        using var guest = host.AddGuest(["10.1.0.5/24"], Bridge, 1450, "02:00:4c:00:00:05");
        using var peer = host.AddGuest(["10.1.0.6/24"], Bridge, 1450);
        var from = providers[0].Description.ShapedBy == ShapingMeans.Police ? "from the guest, by police" : "from the guest, by ifb";
        var rows = new List<Row>();
        foreach (var rate in (long[])[10, 100, 1000])
        {
            var limit = new Rate(rate * 1_000_000, null);
            await Change(loop, new PutPort(
                new Port { NicId = "nic", Network = Network.Id, Mac = MacAddress.Parse("02:00:4c:00:00:05"), RateLimit = new RateLimit(limit, limit) }, []));
            var (to, back) = (new List<double>(Runs), new List<double>(Runs));
            for (var i = 0; i < Runs; i++)
            {
                to.Add((await Iperf3.RunAsync(peer.Namespace, guest.Namespace, "10.1.0.5", TenSeconds)).BitsPerSecond / 1e6);
                back.Add((await Iperf3.RunAsync(guest.Namespace, peer.Namespace, "10.1.0.6", TenSeconds)).BitsPerSecond / 1e6);
            }

            rows.Add(Asked("to the guest", to, rate));
            rows.Add(Asked(from, back, rate));
        }

        return rows;
    }

    private static Row MeasureReading()
    {
        using var host = new BenchHost(isStatic: true);
        host.Apply(host.Config(Networks), ChangeOutcome.Applied);
        using var socket = RouteSocket.Open(host.Namespace);
        var (qdiscs, links) = (new List<double>(Reads), new List<double>(Reads));
        for (var i = 0; i < Reads; i++)
        {
            qdiscs.Add(Time(() => socket.ReadQdiscs().Count));
            links.Add(Time(() => socket.ReadLinks().Count));
        }

        host.Apply(host.Config(0), ChangeOutcome.Applied);
        return Row.Against($"read what {Networks} networks are held to: to nothing", "ms", qdiscs, "reading their devices", links);
    }

    private static double Time(Func<int> read)
    {
        var watch = Stopwatch.StartNew();
        read();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static Row Asked(string direction, IReadOnlyCollection<double> measured, long rate) => new(
        string.Create(CultureInfo.InvariantCulture, $"TCP {direction}, {rate} Mbit/s"), "Mbit/s", Math.Round(Row.Median(measured), 2), "asked for", rate, Runs);

    private static async Task Change(ReconcileLoop loop, ConfigEdit edit)
    {
        var report = (await loop.ChangeAsync(new ChangeOptions("bench"), edit, CancellationToken.None)).Report;
        if (report.Outcome != ChangeOutcome.Applied)
        {
            throw new InvalidOperationException($"{report.Outcome}: {string.Join("; ", report.Failures.Select(f => f.Message + " " + f.Evidence))}");
        }
    }
}
