using System.Diagnostics;
using System.Text;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Firewall.Programming;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Benchmarks.Filtering;

/// <summary>
/// What ports cost, from the request to the answer that everything was read back, without disk and gRPC, and then with them. Beside it the
/// restore tools alone, started side by side with the same text in another namespace, and nobody reading back.
/// </summary>
internal static class FirewallBench
{
    private const int Ports = 1000;
    private const int FewPorts = 20;
    private const int Storm = 500;
    private const int FewRuns = 3;
    private const int Runs = 40;

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        List<double> ours = [], raw = [], again = [], storm = [], one = [], chain = [];
        for (var run = 0; run < FewRuns; run++)
        {
            using var host = new FilteredHost();
            var config = FilteredHost.Config(Ports);
            ours.Add(Time(() => host.Apply(config, ChangeOutcome.Applied)));
            raw.Add(Time(() => Restore(Texts(Ruleset.Empty, host.Wanted))));
            var started = host.Started;
            again.Add(Time(() => host.Apply(config, ChangeOutcome.Unchanged)));
            Expect(host.Started == started, "an unchanged configuration started a process");
            if (run == 0)
            {
                MeasureOne(host);
            }
        }

        for (var run = 0; run < FewRuns; run++)
        {
            using var host = new FilteredHost();
            host.Apply(FilteredHost.Config(0), ChangeOutcome.Applied);
            var started = host.Started;
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(1, Storm).Select(i => host.PrepareAsync(FilteredHost.Port(i))));
            storm.Add(watch.Elapsed.TotalMilliseconds);
            Console.Error.WriteLine($"{Storm} ports at once: {host.Started - started} processes");
        }

        return
        [
            Row.Against($"{Ports} ports from empty", "ms", ours, "the same restores", raw),
            Row.Against($"one rule of one of {Ports} ports", "ms", one, "iptables-restore of that chain", chain),
            Row.Aim($"the same {Ports} ports again", "ms", again, 0),
            Row.Aim($"{Storm} ports prepared at once", "ms", storm, 0),
            await PortBench.ChangeAsync(Ports, chain),
            await PortBench.FollowAsync(FewPorts),
            await PortBench.FollowAsync(Ports),
            .. PacketBench.Run(),
        ];

        void MeasureOne(FilteredHost host)
        {
            using var beside = NetNamespace.Create();
            Run(beside, Texts(Ruleset.Empty, host.Wanted));
            for (var run = 0; run < Runs; run++)
            {
                var before = host.Wanted;
                one.Add(Time(() => host.Prepare(FilteredHost.WithRule(Ports / 2, run))));
                var texts = Texts(before, host.Wanted);
                chain.Add(Time(() => Run(beside, texts)));
            }
        }
    }

    /// <summary>In a namespace that has nothing yet.</summary>
    private static void Restore(IReadOnlyList<(string Tool, string Text)> texts)
    {
        using var empty = NetNamespace.Create();
        Run(empty, texts);
    }

    private static void Run(NetNamespace where, IReadOnlyList<(string Tool, string Text)> texts)
    {
        foreach (var (tool, text) in texts.Where(t => t.Tool == "ipset"))
        {
            where.TryExec([tool, "-exist", "restore"], text).EnsureSuccess();
        }

        Task.WaitAll(texts.Where(t => t.Tool != "ipset").Select(t => Task.Run(() => where.TryExec([t.Tool, "--noflush"], t.Text, TimeSpan.FromMinutes(1)).EnsureSuccess())));
    }

    private static List<(string Tool, string Text)> Texts(Ruleset before, Ruleset after)
    {
        var texts = new List<(string, string)> { ("ipset", SetText.Additions(before.Sets, after.Sets)) };
        foreach (var (tool, tables) in (ReadOnlySpan<(string, TableId[])>)
            [("ebtables-restore", [TableId.FrameNat]), ("iptables-restore", [TableId.Raw4, TableId.Filter4]), ("ip6tables-restore", [TableId.Raw6, TableId.Filter6])])
        {
            var text = new StringBuilder();
            foreach (var id in tables)
            {
                TableText.Append(text, id, before.Tables[id], after.Tables[id]);
            }

            texts.Add((tool, text.ToString()));
        }

        return [.. texts.Where(t => t.Item2.Length > 0)];
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
