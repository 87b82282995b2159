using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane;

/// <summary>
/// One change, from request to kernel and back: fence, design, plan, apply, read back, verify; and if anything is refused, undo.
/// </summary>
internal sealed class ChangeTurn(
    IHostKernel kernel,
    IReadOnlyList<INetworkProvider> providers,
    TimeProvider time,
    DataplaneView view,
    ChangeOptions options,
    ConfigEdit edit,
    long arrived)
{
    /// <summary>
    /// What others change while a plan is applied shows when it is read back. It is put right, but not for ever: who changes it
    /// all the time is somebody to find, not to fight.
    /// </summary>
    private const int MostRounds = 3;

    private readonly List<StageDuration> _stages = [new StageDuration(ChangeStage.Queue, time.GetElapsedTime(arrived))];
    private readonly List<(PlanStep Step, StepOutcome Outcome)> _done = [];
    private readonly List<ChangeWarning> _warnings = [];
    private readonly List<Failure> _failures = [];
    private readonly DateTimeOffset _acceptedAt = time.GetUtcNow();
    private IReadOnlyList<PlanStep> _underWay = [];

    /// <summary>The view after the change.</summary>
    public DataplaneView View { get; private set; } = view;

    public ChangeResult Run()
    {
        if (options.Term < View.Term)
        {
            return Refused([StaleTerm()]);
        }

        if (options.Term > View.Term && !options.DryRun)
        {
            View = View with { Term = options.Term };
        }

        if (options.IfGeneration is { } wanted && wanted != View.Generation)
        {
            return Refused([StaleGeneration(wanted)]);
        }

        var before = View.State;
        try
        {
            return Change();
        }
        catch (KernelException e)
        {
            return Recover(e.Failure, before);
        }
        catch (Exception e)
        {
            // A defect of the agent's must not leave a change half-made, or its caller without a word.
            return Recover(Defect(e), before);
        }
    }

    /// <summary>The answer to a change that cannot even be begun.</summary>
    public ChangeResult Fail(Failure failure) => Refused([failure]);

    /// <summary>What was under way may have been written or not: all of it is taken back that can be.</summary>
    private ChangeResult Recover(Failure failure, HostState before)
    {
        _failures.Clear();
        _failures.Add(failure);
        _done.AddRange(_underWay.Select(s => (s, new StepOutcome(StepResult.Refused, failure))));
        if (_done.Count == 0)
        {
            return Refused([failure]);
        }

        try
        {
            View = View with { State = kernel.ReadAll(), AsOf = time.GetUtcNow() };
            return UndoAll(UndoCause.StepFailed, before);
        }
        catch (Exception e) when (e is KernelException or InvalidOperationException or NullReferenceException or KeyNotFoundException)
        {
            return new ChangeResult(
                Report(ChangeOutcome.FailedIncomplete, View.Generation) with
                {
                    Failures = _failures,
                    Changes = [.. _done.Select(d => new StepReport(d.Step, d.Outcome.Result == StepResult.NotReached ? StepProgress.Planned : StepProgress.LeftBehind))],
                    Undone = new Undo(UndoCause.StepFailed, failure.Message, [], Complete: false),
                    RequestsInTransaction = 1,
                },
                View.Desired);
        }
    }

    private ChangeResult Change()
    {
        var started = time.GetTimestamp();
        var config = Settle(edit.ApplyTo(View.Desired.Config));
        IReadOnlyCollection<string>? touched = edit switch
        {
            PutNetwork put => [put.Network.Id],
            RemoveNetwork remove => [remove.Id],
            _ => null,
        };
        if (edit is Resync || WakesProvider(config))
        {
            View = View with { State = kernel.ReadAll(), AsOf = time.GetUtcNow() };
        }

        if (touched is null)
        {
            View = View with { State = kernel.ReadSettings(View.State, SettingsPlanner.Wanted(config.Settings).Select(s => s.Name)) };
        }

        var set = new ProviderSet(providers, config.Providers);
        if (Designer.Next(View.Desired, config, touched, View.State, set, _failures) is not { } desired)
        {
            return Refused(_failures);
        }

        if (edit is ReplaceConfig { Sections: var declared })
        {
            desired = desired with { Undeclared = desired.Undeclared.Except(declared) };
        }

        if (touched is not null)
        {
            // What the kernel does not report is seen, too, where it costs one question.
            View = View with { State = kernel.ReadLinks(View.State, LinksOf(touched, desired)) };
        }

        var scope = new PlanScope(touched);
        var plan = Planner.Make(View.Desired, desired, View.State, scope, options.AllowDisruption);
        _warnings.AddRange(plan.Warnings);
        Stage(ChangeStage.Plan, started);
        if (plan.Failures.Count > 0)
        {
            return Refused(plan.Failures);
        }

        if (options.DryRun)
        {
            return new ChangeResult(
                Report(plan.Steps.Count == 0 ? ChangeOutcome.Unchanged : ChangeOutcome.Planned, View.Generation) with
                {
                    Changes = [.. plan.Steps.Select(s => new StepReport(s, StepProgress.Planned))],
                },
                desired);
        }

        var before = View.State;
        var cause = Apply(plan.Steps, desired, scope);
        return cause is { } undo ? UndoAll(undo, before) : Accept(desired, set);
    }

    /// <summary>Applies and verifies until the kernel agrees; null if it does.</summary>
    private UndoCause? Apply(IReadOnlyList<PlanStep> steps, Desired desired, PlanScope scope)
    {
        for (var round = 0; steps.Count > 0; round++)
        {
            var started = time.GetTimestamp();
            _underWay = steps;
            var outcomes = kernel.Apply(steps, View.State);
            _underWay = [];
            for (var i = 0; i < steps.Count; i++)
            {
                _done.Add((steps[i], outcomes[i]));
                if (outcomes[i].Failure is { } refusal)
                {
                    _failures.Add(refusal);
                }

                if (outcomes[i].Warning is { } warning)
                {
                    _warnings.Add(warning);
                }
            }

            Stage(ChangeStage.Apply, started);
            started = time.GetTimestamp();
            View = View with { State = kernel.ReadBack(View.State, steps), AsOf = time.GetUtcNow() };
            if (_failures.Count > 0)
            {
                Stage(ChangeStage.Verify, started);
                return UndoCause.StepFailed;
            }

            // From where this change began: what only the former desired state tells has to be gone, too.
            var rest = Planner.Make(View.Desired, desired, View.State, scope, options.AllowDisruption);
            Stage(ChangeStage.Verify, started);
            if (rest.Failures.Count > 0 || (rest.Steps.Count > 0 && round == MostRounds - 1))
            {
                _failures.AddRange(Verifier.Explain(rest));
                return UndoCause.VerifyFailed;
            }

            steps = rest.Steps;
        }

        return null;
    }

    private ChangeResult Accept(Desired desired, ProviderSet set)
    {
        var isNew = !ReferenceEquals(desired.Config, View.Desired.Config);
        var previous = View.Generation;
        View = View with
        {
            Desired = desired,
            Generation = isNew ? previous + 1 : previous,
            AcceptedAt = isNew ? _acceptedAt : View.AcceptedAt,
            Providers = isNew ? [.. set.All] : View.Providers,
            PreviousSettings = PreviousSettings(),
        };
        return new ChangeResult(
            Report(_done.Count > 0 ? ChangeOutcome.Applied : ChangeOutcome.Unchanged, previous) with
            {
                Changes = [.. _done.Select(d => new StepReport(d.Step, StepProgress.Verified))],
                RequestsInTransaction = _done.Count > 0 ? 1 : 0,
            },
            desired);
    }

    /// <summary>Takes back whatever was written, the last first, as far as that can be done.</summary>
    private ChangeResult UndoAll(UndoCause cause, HostState before)
    {
        var started = time.GetTimestamp();
        var inverse = new List<(int Number, PlanStep Step)>();
        for (var i = _done.Count - 1; i >= 0; i--)
        {
            if (_done[i].Outcome.Result is StepResult.Applied or StepResult.Refused)
            {
                inverse.AddRange(_done[i].Step.Inverse.Select(s => (i + 1, s)));
            }
        }

        var outcomes = ApplyAll([.. inverse.Select(s => s.Step)]);
        var lasting = new Dictionary<int, Failure?>();
        for (var i = 0; i < inverse.Count; i++)
        {
            var (number, step) = inverse[i];
            var restored = Restoration.IsRestored(before, View.State, step);
            lasting[number] = restored ? lasting.GetValueOrDefault(number) : outcomes[i].Failure ?? Restoration.Failure(step);
        }

        Stage(ChangeStage.Undo, started);
        var complete = lasting.Values.All(f => f is null);
        var undone = new Undo(
            cause,
            cause == UndoCause.StepFailed ? $"a step was refused: {_failures[0].Message}" : $"the kernel did not agree: {_failures[0].Message}",
            [.. lasting.OrderByDescending(l => l.Key).Select(l => new UndoneStep(l.Key, l.Value is null, l.Value))],
            complete);
        return new ChangeResult(
            Report(complete ? ChangeOutcome.FailedUndone : ChangeOutcome.FailedIncomplete, View.Generation) with
            {
                Changes = [.. _done.Select((d, i) => new StepReport(d.Step, Progress(d.Outcome, i + 1, lasting)))],
                Undone = undone,
                Failures = _failures,
                RequestsInTransaction = 1,
            },
            View.Desired);
    }

    /// <summary>
    /// The way back does not stop at a refusal: what can be restored is. Each part sees what the one before made; steps that were
    /// given up together with a refused one are tried by themselves.
    /// </summary>
    private StepOutcome[] ApplyAll(PlanStep[] steps)
    {
        var outcomes = new StepOutcome[steps.Length];
        for (var from = 0; from < steps.Length;)
        {
            var part = Back(steps[from..]);
            var refused = Array.FindIndex(part, o => o.Result == StepResult.Refused);
            var end = refused < 0 ? steps.Length : from + refused + 1;
            for (var i = from; i < end; i++)
            {
                outcomes[i] = part[i - from].Result == StepResult.NotReached ? Back([steps[i]])[0] : part[i - from];
            }

            from = end;
        }

        return outcomes;
    }

    private StepOutcome[] Back(PlanStep[] steps)
    {
        var outcomes = kernel.Apply(steps, View.State);
        View = View with { State = kernel.ReadBack(View.State, steps), AsOf = time.GetUtcNow() };
        return outcomes;
    }

    private static StepProgress Progress(StepOutcome outcome, int number, Dictionary<int, Failure?> lasting) => outcome.Result switch
    {
        StepResult.Refused => StepProgress.Failed,
        StepResult.Applied => lasting.GetValueOrDefault(number) is null ? StepProgress.Undone : StepProgress.LeftBehind,
        _ => StepProgress.Planned,
    };

    private ChangeResult Refused(IReadOnlyList<Failure> failures) => new(
        Report(ChangeOutcome.FailedUndone, View.Generation) with { Failures = failures }, View.Desired);

    private ChangeReport Report(ChangeOutcome outcome, ulong previous) => new()
    {
        RequestId = options.RequestId,
        Outcome = outcome,
        Generation = View.Generation,
        PreviousGeneration = previous,
        Warnings = _warnings,
        Stages = _stages,
        AcceptedAt = _acceptedAt,
    };

    /// <summary>A configuration that says the same as the one in force is the one in force.</summary>
    private HostConfig Settle(HostConfig asked) => asked.SettleOn(View.Desired.Config);

    /// <summary>A provider that comes back into use does not know what happened meanwhile.</summary>
    private bool WakesProvider(HostConfig config) =>
        View.Desired.Config.Providers.Any(p => !p.Enabled && !config.IsSwitchedOff(p.Name));

    private IReadOnlyDictionary<string, string> PreviousSettings()
    {
        var first = _done.Select(d => d.Step).OfType<SetSetting>().Where(s => !View.PreviousSettings.ContainsKey(s.Name)).ToList();
        if (first.Count == 0)
        {
            return View.PreviousSettings;
        }

        var all = new Dictionary<string, string>(View.PreviousSettings, StringComparer.Ordinal);
        foreach (var step in first)
        {
            all.TryAdd(step.Name, step.Before);
        }

        return all;
    }

    private void Stage(ChangeStage stage, long started)
    {
        var spent = time.GetElapsedTime(started);
        var known = _stages.FindIndex(s => s.Stage == stage);
        if (known < 0)
        {
            _stages.Add(new StageDuration(stage, spent));
        }
        else
        {
            _stages[known] = new StageDuration(stage, _stages[known].Duration + spent);
        }
    }

    private static IReadOnlyCollection<string> LinksOf(IReadOnlyCollection<string> networks, Desired desired) =>
        [.. networks.SelectMany(id => desired.Networks.TryGetValue(id, out var design) ? design.Links.Select(l => l.Name) : [])];

    private Failure StaleTerm() => Stale(
        "STALE_TERM",
        "change.term",
        options.Term == 0
            ? $"the request has no term, and term {View.Term} has been seen"
            : $"the request's term {options.Term} is older than {View.Term}, which has been seen",
        "another management server has taken over; ask it who leads");

    private Failure StaleGeneration(ulong wanted) => Stale(
        "STALE_GENERATION",
        "change.if_generation",
        $"generation {wanted} was expected, and {View.Generation} is in force",
        "read the configuration again and decide anew");

    private static Failure Stale(string reason, string fieldPath, string message, string remedy) => new()
    {
        Kind = FailureKind.Aborted,
        Operation = "fence",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = reason,
        Message = message,
        Remedy = remedy,
        FieldPath = fieldPath,
    };

    private static Failure Defect(Exception e) => new()
    {
        Operation = "change",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "AGENT_DEFECT",
        Message = "the agent failed over its own work; what it had written was taken back as far as the report says",
        Evidence = e.ToString(),
        Remedy = "report this with the evidence; Resync tells how the host is",
    };
}
