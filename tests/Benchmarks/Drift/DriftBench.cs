using System.Diagnostics;
using System.Globalization;
using Cloudbr.Agent.Benchmarks.Links;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Benchmarks.Drift;

/// <summary>
/// From the moment before somebody else's change is sent to the kernel, until the agent has told that it is healed: noticed, planned,
/// written, read back and verified. On a host with many networks, one of them changed at a time.
/// </summary>
internal static class DriftBench
{
    private const int Networks = 1000;
    private const int Each = 40;
    private const double Aim = 200;

    public static Task<IReadOnlyList<Row>> RunAsync()
    {
        using var healed = new Healed();
        using var host = new BenchHost(isStatic: true, new DriftPolicy { MaxHealsPerMinute = 600, AuditInterval = TimeSpan.FromHours(1) }, healed);
        host.Apply(host.Config(Networks), ChangeOutcome.Applied);
        using var stranger = RouteSocket.Open(host.Namespace);
        var rows = new List<Row>
        {
            Measure("bridge's MTU changed", i => Batch(stranger, b => b.ChangeLink(Index(stranger, $"brvx-{i}"), new LinkChange { Mtu = 1300 }, 0, LinkKind.Bridge))),
            Measure("bridge switched off", i => Batch(stranger, b => b.ChangeLink(Index(stranger, $"brvx-{i}"), new LinkChange { Up = false }, 0, LinkKind.Bridge))),
            Measure("device out of its bridge", i => Batch(stranger, b => b.ChangeLink(Index(stranger, $"vxlan{i}"), new LinkChange { Master = "" }, 0, LinkKind.Vxlan))),
            Measure("device deleted", i => Batch(stranger, b => b.DeleteLink(Index(stranger, $"vxlan{i}")))),
            Measure("bridge deleted", i => Batch(stranger, b => b.DeleteLink(Index(stranger, $"brvx-{i}")))),
            Measure("peer's flood entry deleted", i => Batch(stranger, b => b.RemoveForwarding(
                new ForwardingEntry(Index(stranger, $"vxlan{i}"), Core.Model.MacAddress.Zero, System.Net.IPAddress.Parse("192.0.2.2")) { Permanent = true }))),
        };
        host.Apply(host.Config(0), ChangeOutcome.Applied);
        return Task.FromResult<IReadOnlyList<Row>>(rows);

        Row Measure(string what, Action<int> change)
        {
            var times = new List<double>(Each);
            for (var i = 1; i <= Each; i++)
            {
                healed.Expect(string.Create(CultureInfo.InvariantCulture, $"net-{i}"));
                var watch = Stopwatch.StartNew();
                change(i);
                healed.Wait();
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            return Row.Aim($"heal, {Networks} networks: {what}", "ms", times, Aim);
        }
    }

    private static int Index(RouteSocket socket, string name) => socket.ReadLink(name)!.Index;

    private static void Batch(RouteSocket socket, Action<RouteBatch> fill)
    {
        var batch = socket.NewBatch();
        fill(batch);
        if (batch.Send()[0] is { } refusal)
        {
            throw new InvalidOperationException($"the change that was to be healed was refused: {refusal}");
        }
    }

    /// <summary>Waits for the first heal in a network.</summary>
    private sealed class Healed : SilentObserver, IDisposable
    {
        private readonly SemaphoreSlim _healed = new(0);
        private volatile string _expected = "";

        public void Dispose() => _healed.Dispose();

        public void Expect(string network) => _expected = network;

        public void Wait()
        {
            if (!_healed.Wait(TimeSpan.FromSeconds(30)))
            {
                throw new TimeoutException($"{_expected} was not healed");
            }
        }

        public override void Drifted(Core.Model.Drifts.Drift drift)
        {
            if (drift.Handling == DriftHandling.Healed && drift.Subject.Id == _expected)
            {
                _expected = "";
                _healed.Release();
            }
        }
    }
}
