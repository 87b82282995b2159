using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>
/// Steps that are applied together: written, read back, verified; and if anything is refused, or the agent fails over itself, taken back.
/// </summary>
internal sealed class Transaction(IHostKernel kernel, StageClock clock, HostState state)
{
    /// <summary>
    /// What others change while a plan is applied shows when it is read back. It is put right, but not for ever: who changes it
    /// all the time is somebody to find, not to fight.
    /// </summary>
    private const int MostRounds = 3;

    private readonly List<(PlanStep Step, StepOutcome Outcome)> _done = [];
    private readonly List<ChangeWarning> _warnings = [];
    private readonly List<Failure> _failures = [];
    private IReadOnlyList<PlanStep> _underWay = [];

    /// <summary>What the kernel has after it.</summary>
    public HostState State { get; private set; } = state;

    /// <param name="steps">What to do; nothing is fine.</param>
    /// <param name="replan">What is left to do, seen from a newer state.</param>
    public TransactionReport Run(IReadOnlyList<PlanStep> steps, Func<HostState, Plan> replan)
    {
        var before = State;
        try
        {
            return Apply(steps, replan) is { } cause ? TakeBack(cause, before) : Report(
                _done.Count > 0 ? ChangeOutcome.Applied : ChangeOutcome.Unchanged,
                [.. _done.Select(d => new StepReport(d.Step, StepProgress.Verified))]);
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

    internal static Failure Defect(Exception e) => new()
    {
        Operation = "change",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "AGENT_DEFECT",
        Message = "the agent failed over its own work; what it had written was taken back as far as the report says",
        Evidence = e.ToString(),
        Remedy = "report this with the evidence; Resync tells how the host is",
    };

    /// <summary>Applies and verifies until the kernel agrees; null if it does.</summary>
    private UndoCause? Apply(IReadOnlyList<PlanStep> steps, Func<HostState, Plan> replan)
    {
        for (var round = 0; steps.Count > 0; round++)
        {
            var started = clock.Now;
            _underWay = steps;
            var outcomes = kernel.Apply(steps, State);
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

            clock.Spent(ChangeStage.Apply, started);
            started = clock.Now;
            State = kernel.ReadBack(State, steps);
            if (_failures.Count > 0)
            {
                clock.Spent(ChangeStage.Verify, started);
                return UndoCause.StepFailed;
            }

            var rest = replan(State);
            clock.Spent(ChangeStage.Verify, started);
            if (rest.Failures.Count > 0 || (rest.Steps.Count > 0 && round == MostRounds - 1))
            {
                _failures.AddRange(Verifier.Explain(rest));
                return UndoCause.VerifyFailed;
            }

            steps = rest.Steps;
        }

        return null;
    }

    /// <summary>What was under way may have been written or not: all of it is taken back that can be.</summary>
    private TransactionReport Recover(Failure failure, HostState before)
    {
        _failures.Clear();
        _failures.Add(failure);
        _done.AddRange(_underWay.Select(s => (s, new StepOutcome(StepResult.Refused, failure))));
        if (_done.Count == 0)
        {
            return Report(ChangeOutcome.FailedUndone, []);
        }

        try
        {
            State = kernel.ReadAll();
            return TakeBack(UndoCause.StepFailed, before);
        }
        catch (Exception e) when (e is KernelException or InvalidOperationException or NullReferenceException or KeyNotFoundException)
        {
            return Report(
                ChangeOutcome.FailedIncomplete,
                [.. _done.Select(d => new StepReport(d.Step, d.Outcome.Result == StepResult.NotReached ? StepProgress.Planned : StepProgress.LeftBehind))]) with
            {
                Undone = new Undo(UndoCause.StepFailed, failure.Message, [], Complete: false),
            };
        }
    }

    /// <summary>Takes back whatever was written, the last first, as far as that can be done.</summary>
    private TransactionReport TakeBack(UndoCause cause, HostState before)
    {
        var started = clock.Now;
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
            var restored = Restoration.IsRestored(before, State, step);
            lasting[number] = restored ? lasting.GetValueOrDefault(number) : outcomes[i].Failure ?? Restoration.Failure(step);
        }

        clock.Spent(ChangeStage.Undo, started);
        var complete = lasting.Values.All(f => f is null);
        return Report(
            complete ? ChangeOutcome.FailedUndone : ChangeOutcome.FailedIncomplete,
            [.. _done.Select((d, i) => new StepReport(d.Step, Progress(d.Outcome, i + 1, lasting)))]) with
        {
            Undone = new Undo(
                cause,
                cause == UndoCause.StepFailed ? $"a step was refused: {_failures[0].Message}" : $"the kernel did not agree: {_failures[0].Message}",
                [.. lasting.OrderByDescending(l => l.Key).Select(l => new UndoneStep(l.Key, l.Value is null, l.Value))],
                complete),
        };
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
        var outcomes = kernel.Apply(steps, State);
        State = kernel.ReadBack(State, steps);
        return outcomes;
    }

    private static StepProgress Progress(StepOutcome outcome, int number, Dictionary<int, Failure?> lasting) => outcome.Result switch
    {
        StepResult.Refused => StepProgress.Failed,
        StepResult.Applied => lasting.GetValueOrDefault(number) is null ? StepProgress.Undone : StepProgress.LeftBehind,
        _ => StepProgress.Planned,
    };

    private TransactionReport Report(ChangeOutcome outcome, IReadOnlyList<StepReport> steps) => new(outcome, steps, _failures, _warnings);
}

/// <summary>What came of a transaction.</summary>
internal sealed record TransactionReport(
    ChangeOutcome Outcome, IReadOnlyList<StepReport> Steps, IReadOnlyList<Failure> Failures, IReadOnlyList<ChangeWarning> Warnings)
{
    public Undo? Undone { get; init; }

    public bool Succeeded => Outcome is ChangeOutcome.Applied or ChangeOutcome.Unchanged;
}
