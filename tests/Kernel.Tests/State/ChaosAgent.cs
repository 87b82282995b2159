using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Linux.Netlink;
using Cloudbr.Agent.Testing.Fakes;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// A process with the real loop, kernel, journal and history, that changes its host at random and without end, says what it does, and
/// exists to be killed. It checks itself as it starts: what it finds after a death has to become what the journal says.
/// </summary>
internal static class ChaosAgent
{
    /// <summary>How many changes it asks for at once at the most, and so how many generations may come at once.</summary>
    public const int MostAtOnce = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Stream Output = Console.OpenStandardOutput();

    /// <param name="state">The folder of its journal and history.</param>
    /// <param name="networkNamespace">Its host.</param>
    /// <param name="seed">Of what it does.</param>
    /// <param name="isToRest">It asks for nothing, and ends when its input does.</param>
    /// <param name="takenVni">The network with this number cannot be had at first: somebody else has a device of that name. 0: none.</param>
    public static int Run(string state, string networkNamespace, int seed, bool isToRest, int takenVni = 0)
    {
        var life = ChaosLife.Of(seed);
        using var handle = File.OpenHandle(networkNamespace);
        var kernel = new CountingKernel(LinuxKernel.Open(handle, life.ReportBuffer));
        var codec = new ChaosCodec();
        using var journal = new FileJournal(state, codec, TimeProvider.System);
        using var history = new GenerationStore(state, codec, ChaosDisk.Kept, new Deaf());
        var witness = new Witness(mayDrift: life.IsDisturbed || isToRest);
        using var loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "first",
            Kernel = kernel,
            Providers = NetworkProbe.Run("first"),
            Journal = journal,
            History = history,
            Observer = witness,
            Drift = new DriftPolicy { MaxHealsPerMinute = int.MaxValue },
        });

        // Answered when it has gone on from its former life.
        loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        var resumption = witness.Resumption ?? new Resumption(0, null, IsFinished: false, 0, TimeSpan.Zero);
        Say($"resumed {resumption.Generation} {resumption.Interrupted ?? 0} {resumption.IsFinished}");
        CheckAll(loop, takenVni == 0 ? null : TwoAgents.Multicast(takenVni).Id);
        if (loop.View.Generation == 0)
        {
            Tell(Change(loop, [(new ReplaceConfig(ChaosConfig.Read([]), ReplaceConfig.AllSections), null)]), isDisturbed: false);
        }

        witness.IsUp = true;

        Say("checked.");
        if (isToRest)
        {
            Console.In.ReadToEnd();
            Settle(loop, kernel);
            return 0;
        }

#pragma warning disable CA5394 // Nothing secret.
        for (var dice = new Random(seed); ;)
        {
            // One at a time: a second one would keep the way back from going all the way.
            (kernel.RefuseStep, kernel.SpoilStep) = (null, null);
            switch (dice.Next(10))
            {
                case 0:
                    kernel.RefuseStep = dice.Next(4);
                    break;
                case 1:
                    kernel.SpoilStep = dice.Next(4);
                    break;
            }

            if (life.IsDisturbed)
            {
                var (early, late) = (DrawAct(dice), DrawAct(dice));
                Act(handle, early);
                kernel.BeforeApply = dice.Next(2) == 0 ? () => Act(handle, late) : null;
            }

            Say("asks.");
            Tell(Change(loop, Draw(loop, dice)), life.IsDisturbed);
        }
    }

    private static List<(ConfigEdit Edit, TimeSpan? ConfirmWithin)> Draw(ReconcileLoop loop, Random dice) => dice.Next(8) switch
    {
        _ when loop.View.InForce.Pending is { } pending => [(dice.Next(2) == 0 ? new ConfirmGeneration(pending.Generation) : new RestoreGeneration(loop.View.Fallback!), null)],
        < 4 => [.. Enumerable.Range(0, dice.Next(1, MostAtOnce + 1)).Select(_ => (DrawNetwork(dice), (TimeSpan?)null))],
        4 => [(new Resync(), null)],
        5 => [(new ReplaceConfig(ChaosConfig.Draw(dice), ReplaceConfig.AllSections), TimeSpan.FromHours(1))],
        _ => [(new ReplaceConfig(ChaosConfig.Draw(dice), ReplaceConfig.AllSections), null)],
    };

    private static ConfigEdit DrawNetwork(Random dice)
    {
        var vni = dice.Next(ChaosConfig.Fewest, ChaosConfig.Most + 1);
        return dice.Next(3) == 0 ? new RemoveNetwork(TwoAgents.Multicast(vni).Id) : new PutNetwork(ChaosConfig.DrawNetwork(dice, vni));
    }

    /// <summary>Something that others do in no time: to a device, or to none if it is not there.</summary>
    private static (string Device, LinkChange? Change) DrawAct(Random dice)
    {
        var device = string.Create(CultureInfo.InvariantCulture, $"{(dice.Next(2) == 0 ? "vxlan" : "brvx-")}{dice.Next(ChaosConfig.Fewest, ChaosConfig.Most + 1)}");
        return (device, dice.Next(5) switch
        {
            0 => null,
            1 => new LinkChange { Mtu = 1300 },
            2 => new LinkChange { Up = false },
            3 => new LinkChange { Master = "" },
            _ => new LinkChange { Mac = Core.Model.MacAddress.Parse("02:00:00:00:00:66") },
        });
    }
#pragma warning restore CA5394

    private static void Act(SafeFileHandle host, (string Device, LinkChange? Change) act)
    {
        using var stranger = RouteSocket.Open(host);
        if (stranger.ReadLink(act.Device) is not { } link)
        {
            return;
        }

        var batch = stranger.NewBatch();
        _ = act.Change is { } change ? batch.ChangeLink(link.Index, change, 0, link.Kind) : batch.DeleteLink(link.Index);
        batch.Send();
    }

    /// <summary>Asks for these at once, and for the answer to a question behind them: then each has its own answer, or never gets one.</summary>
    private static IReadOnlyList<ChangeReport> Change(ReconcileLoop loop, IReadOnlyList<(ConfigEdit Edit, TimeSpan? ConfirmWithin)> changes)
    {
        var asked = changes.Select((c, i) => loop.ChangeAsync(
            new ChangeOptions(string.Create(CultureInfo.InvariantCulture, $"chaos-{i}")) { AllowDisruption = true, ConfirmWithin = c.ConfirmWithin, Caller = "uid=0", Method = "HostNetwork/Apply" },
            c.Edit,
            CancellationToken.None)).ToList();
        loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (!Task.WhenAll(asked).Wait(Limit))
        {
            Complain($"of {asked.Count} requests {asked.Count(a => !a.IsCompleted)} never get an answer");
        }

        IReadOnlyList<ChangeReport> reports = [.. asked.Select(a => a.Result.Report)];
        if (reports.Where((r, i) => r.RequestId != string.Create(CultureInfo.InvariantCulture, $"chaos-{i}")).Any())
        {
            Complain($"answers to {string.Join(", ", reports.Select(r => r.RequestId))}");
        }

        return reports;
    }

    /// <summary>Where others interfere, much may fail; nothing may be beyond the agent.</summary>
    private static void Tell(IReadOnlyList<ChangeReport> reports, bool isDisturbed)
    {
        foreach (var failure in reports.SelectMany(r => r.Failures).Where(f => isDisturbed ? f.Reason == "AGENT_DEFECT" : !IsWanted(f)))
        {
            Complain($"{failure.Reason}: {failure.Message} {failure.Evidence.ReplaceLineEndings(" ")}");
        }

        foreach (var report in reports.Where(r => r.Outcome == ChangeOutcome.FailedIncomplete && !isDisturbed))
        {
            Complain(string.Create(
                CultureInfo.InvariantCulture,
                $"not undone: {string.Join("; ", report.Failures.Select(f => f.Message))}; left: {string.Join("; ", report.Undone!.Steps.Where(u => !u.Restored).Select(u => $"{report.Changes[u.Step - 1].Step}: {u.Failure?.Message} {u.Failure?.Evidence}"))}"));
        }

        Say(string.Create(CultureInfo.InvariantCulture, $"told {reports.Max(r => r.Generation)}."));
    }

    /// <summary>What <see cref="CountingKernel"/> was told to have refused.</summary>
    private static bool IsWanted(Failure failure) =>
        failure.Reason == "INJECTED"
        || failure.Message.Contains("refused", StringComparison.Ordinal)
        || failure.Evidence.Contains("no_such_setting", StringComparison.Ordinal);

    /// <summary>What others did before its input ended is put right, without anybody asking for it.</summary>
    private static void Settle(ReconcileLoop loop, CountingKernel kernel)
    {
        // The first may be answered in a round that was under way; the second comes after a whole one, in which all was heard.
        for (var i = 0; i < 2; i++)
        {
            loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        kernel.WaitUntil(() => loop.View.Drifts.IsEmpty && loop.View.Degradations.IsEmpty, Limit);
        CheckAll(loop, taken: null);
        Say(string.Create(CultureInfo.InvariantCulture, $"told {loop.View.Generation}."));
    }

    /// <summary>The kernel read anew, by the agent's own eyes: nothing is left to do, but in a network that somebody else is in the way of.</summary>
    private static void CheckAll(ReconcileLoop loop, string? taken)
    {
        var report = Change(loop, [(new Resync(), null)])[0];
        var problems = loop.View.FindProblems();
        var isGood = taken is null
            ? report.Outcome == ChangeOutcome.Unchanged && problems.Count == 0 && loop.View.Degradations.IsEmpty
            : report.Failures is [{ Reason: "DEVICE_EXISTS", Subject.Id: var refused }] && refused == taken && problems.Keys.All(p => p == taken);
        if (!isGood)
        {
            Complain($"{report.Outcome} {string.Join("; ", report.Changes.Select(c => $"{c.Step} {string.Join(", ", c.Step.Attributes)}"))} {string.Join("; ", report.Failures.Select(f => f.Message))} {string.Join("; ", problems.SelectMany(p => p.Value).Select(f => f.Message))} {string.Join("; ", loop.View.Degradations)}");
        }

        foreach (var link in loop.View.State.Links)
        {
            if (Ownership.Read(link.Alias) is { Kind: "network", Id: var id } && !loop.View.Desired.Config.Networks.ContainsKey(id))
            {
                Complain($"nobody wants {link.Name}");
            }
        }
    }

    /// <summary>The last words: whoever waits for others sees these instead.</summary>
    private static void Complain(string what)
    {
        Say($"BAD {what}");
        Environment.Exit(1);
    }

    /// <summary>One write for each line: nothing is told that is still in a buffer when the end comes.</summary>
    private static void Say(string what) => Output.Write(Encoding.UTF8.GetBytes(what + "\n"));

    private sealed class Witness(bool mayDrift) : SilentObserver
    {
        public Resumption? Resumption { get; private set; }

        /// <summary>What the last life left behind is in order.</summary>
        public bool IsUp { get; set; }

        public override void Resumed(Resumption resumption) => Resumption = resumption;

        public override void Drifted(Drift drift)
        {
            if (IsUp && !mayDrift)
            {
                Complain($"nobody else did anything, and {drift.Kind} {drift.Subject} {string.Join(", ", drift.Attributes)} was {drift.Handling}");
            }

            Say($"{drift.Handling}.");
        }

        public override void ReadAnew(int links, TimeSpan duration) => Say("anew.");

        public override void JournalFailed(Failure failure) => Complain($"journal: {failure.Message}");

        public override void KernelFailed(Failure failure) => Complain($"kernel: {failure.Message}");
    }

    private sealed class Deaf : IHistoryObserver
    {
        public void HistoryFailing(Failure failure) => Complain($"history: {failure.Message}");

        public void HistoryWorking(long lost)
        {
        }

        public void GenerationUnreadable(Failure failure) => Complain($"history: {failure.Message}");
    }
}
