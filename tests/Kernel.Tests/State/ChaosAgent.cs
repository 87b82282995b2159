using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>
/// A process with the real loop, kernel, journal and history, that changes its host at random and without end, says what it does, and
/// exists to be killed. It checks itself as it starts: what it finds after a death has to become what the journal says.
/// </summary>
internal static class ChaosAgent
{
    /// <summary>How many changes it asks for at once at the most, and so how many generations may come at once.</summary>
    public const int MostAtOnce = 3;

    private static readonly Stream Output = Console.OpenStandardOutput();

    public static int Run(string state, string networkNamespace, int seed, bool isToRest)
    {
        using var handle = File.OpenHandle(networkNamespace);
        var kernel = new CountingKernel(LinuxKernel.Open(handle));
        var codec = new ChaosCodec();
        using var journal = new FileJournal(state, codec, TimeProvider.System);
        using var history = new GenerationStore(state, codec, 20, new Deaf());
        var witness = new Witness();
        using var loop = ReconcileLoop.Start(new DataplaneSetup
        {
            Hostname = "first",
            Kernel = kernel,
            Providers = NetworkProbe.Run("first"),
            Journal = journal,
            History = history,
            Observer = witness,
        });

        // Answered when it has gone on from its former life.
        loop.ReadForwardingAsync(CancellationToken.None).GetAwaiter().GetResult();
        var resumption = witness.Resumption ?? new Resumption(0, null, IsFinished: false, 0, TimeSpan.Zero);
        Say($"resumed {resumption.Generation} {resumption.Interrupted ?? 0} {resumption.IsFinished}");
        CheckAll(loop);
        if (loop.View.Generation == 0)
        {
            Tell(Change(loop, [(new ReplaceConfig(ChaosConfig.Read([]), ReplaceConfig.AllSections), null)]));
        }

        Say("checked.");
        if (isToRest)
        {
            Console.In.ReadToEnd();
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

            Say("asks.");
            Tell(Change(loop, Draw(loop, dice)));
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
#pragma warning restore CA5394

    private static IReadOnlyList<ChangeReport> Change(ReconcileLoop loop, IReadOnlyList<(ConfigEdit Edit, TimeSpan? ConfirmWithin)> changes) =>
        [.. Task.WhenAll(changes.Select(c => loop.ChangeAsync(
            new ChangeOptions("chaos") { AllowDisruption = true, ConfirmWithin = c.ConfirmWithin, Caller = "uid=0", Method = "HostNetwork/Apply" }, c.Edit, CancellationToken.None)))
            .GetAwaiter().GetResult().Select(r => r.Report)];

    private static void Tell(IReadOnlyList<ChangeReport> reports)
    {
        foreach (var failure in reports.SelectMany(r => r.Failures).Where(f => !IsWanted(f)))
        {
            Complain($"{failure.Reason}: {failure.Message} {failure.Evidence.ReplaceLineEndings(" ")}");
        }

        foreach (var report in reports.Where(r => r.Outcome == ChangeOutcome.FailedIncomplete))
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

    /// <summary>The kernel read anew, by the agent's own eyes: nothing is left to do.</summary>
    private static void CheckAll(ReconcileLoop loop)
    {
        var report = Change(loop, [(new Resync(), null)])[0];
        var problems = loop.View.FindProblems();
        if (report.Outcome != ChangeOutcome.Unchanged || problems.Count > 0 || !loop.View.Degradations.IsEmpty)
        {
            Complain($"after the start: {report.Outcome} {string.Join("; ", report.Changes.Select(c => c.Step.ToString()))} {string.Join("; ", problems.SelectMany(p => p.Value).Select(f => f.Message))} {string.Join("; ", loop.View.Degradations)}");
        }

        foreach (var link in loop.View.State.Links)
        {
            if (Core.Model.Links.Ownership.Read(link.Alias) is { Kind: "network", Id: var id } && !loop.View.Desired.Config.Networks.ContainsKey(id))
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

    private sealed class Witness : SilentObserver
    {
        public Resumption? Resumption { get; private set; }

        public override void Resumed(Resumption resumption) => Resumption = resumption;

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
