using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Changes;
using Cloudbr.Agent.Dataplane.Drifts;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane;

/// <summary>
/// Goes on from where a former life stopped: what had been begun is finished, or if that fails taken back; then what differs is healed.
/// Never a mixture, and if nothing differs, nothing is written.
/// </summary>
internal sealed class Resume(DataplaneSetup setup, JournalReading reading, HealLedger ledger)
{
    private readonly long _began = setup.Time.GetTimestamp();

    /// <summary>The state of an agent that nobody has told anything yet.</summary>
    private static Generation Nothing(ulong number) => new()
    {
        Entry = new HistoryEntry { Generation = number, AcceptedAt = default, Caller = "", RequestId = "", Method = "", Summary = "" },
        Config = HostConfig.Empty,
        Undeclared = [.. ReplaceConfig.AllSections],
    };

    /// <summary>What is known before anything is done about it.</summary>
    public DataplaneView Look()
    {
        var inForce = reading.InForce ?? Nothing(reading.IsLost ? setup.History.List(null, 1).Select(e => e.Generation).FirstOrDefault() : 0);
        var fallback = inForce.Pending is { } pending ? Find(pending.Fallback) : null;
        var isStuck = inForce.Pending is not null && fallback is null;
        inForce = isStuck ? inForce with { Pending = null } : inForce;
        var set = new ProviderSet(setup.Providers, inForce.Config.Providers);
        var state = setup.Kernel.ReadAll();
        state = setup.Kernel.ReadSettings(state, SettingsPlanner.Names(inForce.Config));
        var nothing = Desired.Nothing with { Hostname = setup.Hostname, Undeclared = inForce.Undeclared };
        var view = new DataplaneView
        {
            Desired = setup.Complete(Designer.Best(nothing, inForce.Config, state, set), state),
            State = state,
            Providers = [.. set.All],
            InForce = inForce,
            Fallback = fallback,
            Term = Math.Max(reading.Term, inForce.Entry.Term),
            AsOf = setup.Time.GetUtcNow(),
            IsLost = reading.IsLost,
            DefaultDrift = setup.Drift,
        };
        if (isStuck)
        {
            view = Complain(view, FallbackLost(inForce.Number, reading.InForce!.Pending!.Fallback), DegradedReason.JournalDamaged);
        }

        foreach (var damaged in reading.Damaged)
        {
            view = Complain(view, damaged, reading.IsLost ? DegradedReason.JournalUnreadable : DegradedReason.JournalDamaged);
        }

        return view;
    }

    private DataplaneView Complain(DataplaneView view, Failure failure, DegradedReason reason)
    {
        setup.Observer.JournalFailed(failure);
        return view.Degrade(reason, failure, setup.Time.GetUtcNow());
    }

    private static Failure FallbackLost(ulong kept, ulong fallback) => new()
    {
        Operation = "read",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "FALLBACK_LOST",
        Message = $"generation {kept} was to be confirmed or to go back to generation {fallback}, which cannot be read; {kept} stays",
        Remedy = "see that this host is as it should be, and Apply what it should have",
    };

    public DataplaneView Run(DataplaneView view)
    {
        var steps = 0;
        var isFinished = false;
        if (reading.Begun is { } begun)
        {
            (view, isFinished, steps) = Finish(view, begun);
        }

        if (reading.InForce is not null || reading.Begun is not null)
        {
            CompleteHistory(view.InForce);
        }

        // What is to go away at once is not made whole again first.
        if (!view.IsTimeUp(setup.Time.GetUtcNow()) && (view.Generation > 0 || !view.Desired.Config.Networks.IsEmpty))
        {
            var heal = new HealTurn(setup, view, ledger, PlanScope.Everything, DriftSource.Start);
            heal.Run();
            (view, steps) = (heal.View, steps + heal.Steps);
        }

        if (view.Generation > 0 || reading.Begun is not null)
        {
            setup.Observer.Resumed(new Resumption(view.Generation, reading.Begun?.Number, isFinished, steps, setup.Time.GetElapsedTime(_began)));
        }

        return view;
    }

    private (DataplaneView View, bool IsFinished, int Steps) Finish(DataplaneView view, Generation begun)
    {
        if (begun.Pending is { } pending && pending.ConfirmBefore <= setup.Time.GetUtcNow())
        {
            // Finished it would only have to go back.
            return TakeBack(view, begun);
        }

        var entry = begun.Entry;
        var options = new ChangeOptions(entry.RequestId) { Term = entry.Term, Caller = entry.Caller, Method = entry.Method, Note = entry.Note, AllowDisruption = true };
        var edit = new FinishGeneration(begun);
        var turn = new ChangeTurn(setup, view, [new WaitingChange(options, edit, _began)]);
        var report = turn.Run()[0].Report;
        setup.Observer.Changed(report, options, edit);
        return report.Succeeded ? (turn.View, true, report.Changes.Count) : TakeBack(turn.View, begun);
    }

    /// <summary>
    /// Until it is done the disk has it that something was begun: whoever dies in the middle goes on from there. What cannot be taken back
    /// now is tried again, like what cannot be healed.
    /// </summary>
    private (DataplaneView View, bool IsFinished, int Steps) TakeBack(DataplaneView view, Generation begun)
    {
        view = view with { HalfMade = HalfMade.Between(begun.Config, view.InForce.Config) };
        (view, var steps) = TakeBackUnhealed(view, begun);

        // What only the abandoned generation had carries the mark of networks that nobody wants.
        var own = begun.Config.Networks.Keys.Where(id => !view.Desired.Config.Networks.ContainsKey(id)).ToImmutableArray();
        foreach (var scope in new[] { new PlanScope(own), PlanScope.Everything })
        {
            var heal = new HealTurn(setup, view, ledger, scope, DriftSource.Start);
            heal.Run();
            (view, steps) = (heal.View, steps + heal.Steps);
        }

        try
        {
            setup.Journal.Abandon();
        }
        catch (JournalException e)
        {
            view = Complain(view, e.Failure, DegradedReason.StateNotWritable);
        }

        return (view, false, steps);
    }

    /// <summary>
    /// What healing does not take back: kernel settings, which carry no mark, and what only the abandoned generation named in a section
    /// that it was the first to give as a whole. From it, this is a way back like any other.
    /// </summary>
    private (DataplaneView View, int Steps) TakeBackUnhealed(DataplaneView view, Generation begun)
    {
        var wayBack = new RestoreGeneration(view.InForce);
        var after = view.Desired with
        {
            Undeclared = Intents.Undeclared(wayBack, begun.Undeclared),
            Former = Intents.Former(wayBack, begun).RemoveRange(view.PreviousSettings.Keys),
        };
        var own = Named(begun.Config).Except(Named(view.Desired.Config), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        try
        {
            var state = setup.Kernel.ReadSettings(view.State, [.. after.Former.Keys]);
            var nothing = Desired.Nothing with { Hostname = setup.Hostname };
            var before = Designer.Best(nothing, begun.Config, state, new ProviderSet(setup.Providers, begun.Config.Providers));
            var transaction = new Transaction(setup.Kernel, new StageClock(setup.Time), state);
            var report = transaction.Run(Left(state).Steps, Left);
            return (view with { State = transaction.State }, report.Steps.Count);

            Plan Left(HostState now) => new(
                [
                    .. Planner.Make(before, after, now, PlanScope.Everything, allowDisruption: true).Steps
                        .Where(s => s is SetSetting { Name: var name } ? after.Former.ContainsKey(name) : own.Contains(s.Subject.Id)),
                ],
                [],
                []);
        }
        catch (KernelException e)
        {
            setup.Observer.KernelFailed(e.Failure);
            return (view, 0);
        }

        static IEnumerable<string> Named(HostConfig config) =>
            config.ControlNetwork is { Bridge: var bridge } ? config.PhysicalNetworks.Keys.Append(bridge) : config.PhysicalNetworks.Keys;
    }

    /// <summary>
    /// What was accepted last, and what became of it, may not have come to the history's disk any more. The journal knows both; and what is
    /// newer than the one in force was told when only the disk did not have it yet.
    /// </summary>
    private void CompleteHistory(Generation inForce)
    {
        var isNews = false;
        Generation?[] journal = [reading.Previous, reading.InForce];
        var ended = journal.Append(inForce).Select(g => g?.LastConfirm).OfType<ConfirmResult>().ToList();
        foreach (var known in ended.Select(e => Find(e.Generation)).Concat(journal).OfType<Generation>().Where(g => g.Number < inForce.Number))
        {
            Complete(ended.Find(e => e.Generation == known.Number) is { } last && known.Pending is not null
                ? last.IsGiven ? known.Confirmed() : known.TakenBack()
                : known);
        }

        for (var at = Newest(null); at is { } newer && newer.Generation > inForce.Number; at = Newest(newer.Generation))
        {
            if (setup.History.Find(newer.Generation) is { } told)
            {
                Complete(told.TakenBack());
            }
        }

        // Who reads the history's files sees what was kept last: that is the one in force.
        if (inForce.Number > 0 && (isNews || IsNews(inForce)))
        {
            setup.History.Keep(inForce);
        }

        HistoryEntry? Newest(ulong? before) => setup.History.List(before, 1) is [var entry] ? entry : null;

        bool IsNews(Generation known) => setup.History.Find(known.Number)?.Entry != known.Entry;

        void Complete(Generation known)
        {
            if (IsNews(known))
            {
                setup.History.Keep(known);
                isNews = true;
            }
        }
    }

    private Generation? Find(ulong number) => number == 0 ? Nothing(0) : reading.Previous?.Number == number ? reading.Previous : setup.History.Find(number);
}
