using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>
/// Changes that share a turn, mostly one: each is planned by itself, so that a bad one fails alone; then all that are left are one intent
/// on disk and one kernel transaction; and a report for each.
/// </summary>
internal sealed class ChangeTurn(DataplaneSetup setup, DataplaneView view, IReadOnlyList<WaitingChange> asked)
{
    private readonly ChangeAnswers _answers = new(asked, setup.Time);

    /// <summary>The view after the changes.</summary>
    public DataplaneView View { get; private set; } = view;

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<ChangeResult> Run()
    {
        try
        {
            Make([.. Enumerable.Range(0, asked.Count).Where(PassesTerm)]);
        }
        catch (KernelException e)
        {
            _answers.RefuseRest(e.Failure, View);
        }
        catch (Exception e)
        {
            // Nobody is left without an answer.
            _answers.RefuseRest(Transaction.Defect(e), View);
        }

        return _answers.All();
    }

    /// <summary>The answer to changes that cannot even be begun.</summary>
    public IReadOnlyList<ChangeResult> Fail(Failure failure)
    {
        _answers.RefuseRest(failure, View);
        return _answers.All();
    }

    private void Make(List<int> waiting)
    {
        while (waiting.Count > 0)
        {
            var planner = new TurnPlanner(setup, View, asked, _answers);
            var members = planner.Plan(waiting);
            View = planner.View;
            waiting = members.Count == 0 ? [] : Carry(members);
        }
    }

    /// <summary>Applies and accepts what was planned. Returns those that are to be tried again without the one that failed.</summary>
    private List<int> Carry(List<Member> members)
    {
        var first = members[0].Change;
        if (first.Edit is ConfirmGeneration confirm)
        {
            Confirm(members[0], confirm);
            return [];
        }

        if (first.Options.DryRun)
        {
            Planned(members[0]);
            return [];
        }

        var scope = members.Count == 1 ? members[0].Scope : new PlanScope([.. members.SelectMany(m => m.Scope.Networks!)])
        {
            Ports = [.. members.SelectMany(m => m.Scope.Ports!)],
        };
        var desired = members[^1].Desired;
        var allowDisruption = first.Options.AllowDisruption;
        var plan = members.Count == 1 ? members[0].Plan! : Planner.Make(View.Desired, desired, View.State, scope, allowDisruption);
        var intents = Intents.Of(View, members, plan, _answers.AcceptedAt, setup.Time.GetUtcNow());
        var isIntended = Intend(members, intents);
        if (!isIntended && !Fence.IsAgentsOwn(first.Edit))
        {
            return [];
        }

        var transaction = new Transaction(setup.Kernel, _answers.Clock, View.State);

        // From where this change began: what only the former desired state tells has to be gone, too.
        var before = View.Desired;
        var report = transaction.Run(plan.Steps, state =>
        {
            // A port's device may have come meanwhile, or be ready for its rules only now.
            desired = members[^1].Desired = setup.Complete(desired, state);
            return Planner.Make(before, desired, state, scope, allowDisruption);
        });
        View = View with { State = transaction.State, AsOf = setup.Time.GetUtcNow() };
        if (report.Succeeded)
        {
            Accept(members, intents, isIntended, report);
            return [];
        }

        // What a former life had begun stays so on disk until all of it was taken back.
        if (intents.Count > 0 && isIntended && first.Edit is not FinishGeneration)
        {
            Settle(setup.Journal.Abandon);
        }

        return Blame(members, report);
    }

    /// <summary>One that fails among several fails alone; if nobody knows which it is, each is tried by itself.</summary>
    private List<int> Blame(List<Member> members, TransactionReport report)
    {
        var failed = report.Failures.Select(f => f.Subject.Id).ToHashSet(StringComparer.Ordinal);
        var guilty = members.Count == 1 ? members : members.FindAll(m => failed.Contains(m.Change.Subject!));
        foreach (var member in guilty)
        {
            var (own, undone) = OwnPart.Of(member, members, report);
            _answers[member.At] = new ChangeResult(
                _answers.Report(member, report.Outcome) with
                {
                    Generation = View.Generation,
                    PreviousGeneration = View.Generation,
                    Changes = own,
                    Undone = undone,
                    Failures = report.Failures,
                    Warnings = [.. report.Warnings, .. OwedWarnings.Of(setup.Journal.Owed, View.Generation)],
                    RequestsInTransaction = members.Count,
                },
                View.Desired);
        }

        if (guilty.Count == 0)
        {
            foreach (var member in members)
            {
                Make([member.At]);
            }

            return [];
        }

        return [.. members.Except(guilty).Select(m => m.At)];
    }

    private void Accept(List<Member> members, List<Generation> intents, bool isIntended, TransactionReport report)
    {
        var last = members[^1];
        EndConnections(View.Desired, last.Desired);
        View = View with
        {
            Desired = last.Desired with { Former = last.Desired.Former.Clear() },
            Providers = [.. last.Providers.All],
            Drifts = DriftsWithout(members),
            HalfMade = members[0].Scope.Networks is null ? View.HalfMade.Clear() : View.HalfMade.Except(members.SelectMany(m => m.Scope.Networks!)),
        };
        if (last.Change.Edit is Resync)
        {
            foreach (var drift in DriftReader.Read(report.Steps.Select(s => s.Step)))
            {
                setup.Observer.Drifted(drift with
                {
                    Source = DriftSource.Resync,
                    NoticedAt = _answers.AcceptedAt,
                    HealDuration = _answers.SinceBegin,
                    Label = View.Desired.LabelOf(drift.Subject),
                });
            }
        }

        if (intents.Count > 0)
        {
            var (newest, former) = (intents[^1], View.InForce);
            Settle(isIntended ? setup.Journal.Accept : () => setup.Journal.Install(newest));
            if (former.Pending is not null && newest.Number != former.Number)
            {
                // It was waited for in vain: the history says so.
                setup.History.Keep(former.TakenBack());
            }

            var isUnconfirmed = newest.Pending is not null && newest.Number != former.Number;
            if (isUnconfirmed && last.Change.Options.ConfirmWithin is { } within)
            {
                // The time is counted from the applied change; what is on disk is a little earlier.
                newest = newest with { Pending = newest.Pending! with { ConfirmBefore = setup.Time.GetUtcNow() + within } };
            }

            View = (View with
            {
                InForce = newest,
                Fallback = isUnconfirmed ? former : newest.Pending is null ? null : View.Fallback,
                IsLost = false,
            }).Recover(DegradedReason.JournalDamaged).Recover(DegradedReason.JournalUnreadable);
            foreach (var intent in intents)
            {
                if (intent.Number != former.Number)
                {
                    setup.History.Keep(intent.Number == newest.Number ? newest : intent);
                }
            }
        }

        foreach (var member in members)
        {
            var (own, _) = OwnPart.Of(member, members, report);
            var outcome = View.InForce.Pending is { } pending && pending.Generation == member.Generation && member.Generation != member.Previous
                ? ChangeOutcome.AwaitingConfirm
                : own.Count > 0 ? ChangeOutcome.Applied : ChangeOutcome.Unchanged;
            _answers[member.At] = new ChangeResult(
                _answers.Report(member, outcome) with
                {
                    Changes = own,
                    Warnings = [.. member.Plan!.Warnings, .. report.Warnings, .. OwedWarnings.Of(setup.Journal.Owed, View.Generation)],
                    ConfirmBefore = outcome == ChangeOutcome.AwaitingConfirm ? View.InForce.Pending!.ConfirmBefore : null,
                    Undone = WayBack(member.Change.Edit),
                    RequestsInTransaction = report.Steps.Count > 0 ? members.Count : 0,
                },
                View.Desired);
        }
    }

    /// <summary>The rules are in place already: what could not be ended is told, and does not undo them.</summary>
    private void EndConnections(Desired before, Desired after)
    {
        try
        {
            setup.Connections?.Follow(before, after);
        }
        catch (NetlinkException e)
        {
            setup.Observer.KernelFailed(KernelFailures.Of(e.Refusal, new ObjectRef(ObjectKind.Host)));
        }
    }

    /// <summary>What was just verified is as desired.</summary>
    private ImmutableSortedDictionary<string, ImmutableList<Drift>> DriftsWithout(List<Member> members) =>
        members[0].Scope.Networks is null ? View.Drifts.Clear() : View.Drifts.RemoveRange(members.Select(m => m.Change.Subject!));

    private static Undo? WayBack(ConfigEdit edit) => edit is RestoreGeneration { Cause: { } cause, Target.Number: var number }
        ? new Undo(
            cause,
            cause switch
            {
                UndoCause.ManagementLost => $"the management connection was lost while a confirmation was awaited; generation {number} is back",
                UndoCause.RestartedTooLate => $"the time for the confirmation had passed when the agent was started again; generation {number} is back",
                _ => $"no confirmation came in time; generation {number} is back",
            },
            [],
            Complete: true)
        : null;

    private void Confirm(Member member, ConfirmGeneration confirm)
    {
        if (View.InForce.Pending is not { } pending || pending.Generation != confirm.Generation)
        {
            _answers.Refuse(member.At, [Fence.NotAwaited(confirm.Generation)], View);
            return;
        }

        if (member.Change.Options.DryRun)
        {
            _answers[member.At] = new ChangeResult(_answers.Report(member, ChangeOutcome.Planned), View.Desired);
            return;
        }

        var confirmed = View.InForce.Confirmed();
        if (!Intend([member], [confirmed]))
        {
            return;
        }

        Settle(setup.Journal.Accept);
        setup.History.Keep(confirmed);
        View = View with { InForce = confirmed, Fallback = null };
        _answers[member.At] = new ChangeResult(_answers.Report(member, ChangeOutcome.Applied), View.Desired);
    }

    private void Planned(Member member) => _answers[member.At] = new ChangeResult(
        _answers.Report(member, member.Plan!.Steps.Count == 0 ? ChangeOutcome.Unchanged : ChangeOutcome.Planned) with
        {
            Generation = View.Generation,
            Changes = [.. member.Plan.Steps.Select(s => new StepReport(s, StepProgress.Planned))],
            Warnings = member.Plan.Warnings,
        },
        member.Desired);

    /// <summary>Who has an older term is refused; a term that was never seen is on disk before anything is done under it.</summary>
    private bool PassesTerm(int at)
    {
        var (options, edit) = (asked[at].Options, asked[at].Edit);
        if (Fence.IsAgentsOwn(edit))
        {
            return true;
        }

        if (Fence.OfTerm(View, options) is { } stale)
        {
            _answers.Refuse(at, [stale], View);
            return false;
        }

        if (options.DryRun)
        {
            return true;
        }

        // Whatever the disk says, whoever is older has been overtaken.
        View = View with { Term = options.Term };
        try
        {
            setup.Journal.KeepTerm(options.Term);
            return true;
        }
        catch (JournalException e)
        {
            NotOnDisk([at], e);
            return false;
        }
    }

    /// <summary>
    /// The agent's own way back is made also while the disk fails: that has what was not confirmed, until when, and what to go back to, so
    /// that a next life would make the same. Nobody else's change is begun.
    /// </summary>
    private bool Intend(List<Member> members, List<Generation> intents)
    {
        if (intents.Count == 0)
        {
            return true;
        }

        var started = _answers.Clock.Now;
        try
        {
            // Finishing what was begun: it is there already.
            if (members[0].Change.Edit is not FinishGeneration)
            {
                setup.Journal.Intend(intents[^1]);
            }

            _answers.Clock.Spent(ChangeStage.Journal, started);
            View = View.Recover(DegradedReason.StateNotWritable);
            return true;
        }
        catch (JournalException e)
        {
            NotOnDisk([.. members.Where(m => !Fence.IsAgentsOwn(m.Change.Edit)).Select(m => m.At)], e);
            return false;
        }
    }

    /// <summary>
    /// What the journal cannot settle now it settles as soon as the disk lets it. Should the agent end before, the next life knows what was
    /// begun and not what became of it: until then every report says so.
    /// </summary>
    private void Settle(Action settle)
    {
        try
        {
            settle();
        }
        catch (JournalException e)
        {
            NotOnDisk([], e);
        }
    }

    private void NotOnDisk(List<int> refused, JournalException e)
    {
        View = View.Degrade(DegradedReason.StateNotWritable, e.Failure, setup.Time.GetUtcNow());
        setup.Observer.JournalFailed(e.Failure);
        refused.ForEach(at => _answers.Refuse(at, [e.Failure], View));
    }
}
