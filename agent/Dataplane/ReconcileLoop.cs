using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Changes;
using Cloudbr.Agent.Dataplane.Drifts;
using Cloudbr.Agent.Dataplane.Drivers;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane;

/// <summary>
/// The only writer. One thread follows the kernel's reports, heals what others changed, and makes the changes that were asked for, those
/// that wait together in one turn; everybody else looks at the view that it publishes.
/// </summary>
public sealed class ReconcileLoop : IDataplane, IDisposable
{
    /// <summary>A boot storm of a full host. Beyond that waiting would only be longer than callers wait.</summary>
    public const int MostWaiting = 2048;

    /// <summary>So that one turn stays short for those who come after it.</summary>
    private const int MostFolded = 512;

    /// <summary>A kernel that cannot be read now is asked again after this time.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked whether a caller that has to confirm is still there.</summary>
    private static readonly TimeSpan AbsencePause = TimeSpan.FromSeconds(1);

    /// <summary>A way back that failed is tried again after this time.</summary>
    private static readonly TimeSpan WayBackPause = TimeSpan.FromSeconds(10);

    /// <summary>What the disk refused is written again after this time.</summary>
    private static readonly TimeSpan DiskPause = TimeSpan.FromSeconds(5);

    private readonly ManualResetEvent _stopSignal = new(initialState: false);
    private readonly DataplaneSetup _setup;
    private readonly HealLedger _ledger;
    private readonly HostProblems _problems;
    private readonly ConcurrentQueue<Waiting> _work = new();
    private readonly Thread _thread;
    private readonly Resume _resume;
    private readonly DateTimeOffset _started;
    private long _audited;
    private TimeSpan _auditPause;
    private long? _wentBack;
    private long? _caughtUp;
    private volatile bool _stopping;
    private volatile DataplaneView _view;

    private ReconcileLoop(DataplaneSetup setup)
    {
        _setup = setup;
        _ledger = new HealLedger(setup.Time);
        _problems = new HostProblems(setup);
        _started = setup.Time.GetUtcNow();
        _resume = new Resume(setup, setup.Journal.Read(), _ledger);
        _view = _resume.Look();
        _thread = new Thread(Run) { IsBackground = true, Name = "reconcile" };
    }

    public event Action? Published;

    public DataplaneView View => _view;

    /// <summary>Reads the journal and the kernel, goes on from there, and follows the kernel from then on.</summary>
    public static ReconcileLoop Start(DataplaneSetup setup)
    {
        var loop = new ReconcileLoop(setup);
        loop._thread.Start();
        return loop;
    }

    public Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken)
    {
        if (_work.Count >= MostWaiting)
        {
            return Task.FromResult(QueueFull(options));
        }

        var change = new WaitingChange(options, edit, _setup.Time.GetTimestamp());
        return WaitFor(change, cancellationToken);
    }

    public IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked)
    {
        var state = _view.State;
        return [.. asked.Select(p => PhysicalChecker.Check(p, state))];
    }

    public Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken) =>
        WaitFor(new Question<IReadOnlyList<ForwardingEntry>>(kernel => kernel.ReadForwarding()), cancellationToken);

    /// <summary>Finishes the change under way, leaves the kernel as it is, and gives those still waiting their cancellation.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _stopSignal.Set();
        _setup.Kernel.Wake();
        _thread.Join();
        CancelWaiting();
        _setup.Kernel.Dispose();
        _stopSignal.Dispose();
    }

    private Task<T> WaitFor<T>(Waiting<T> waiting, CancellationToken cancellationToken)
    {
        _work.Enqueue(waiting);
        if (_stopping)
        {
            // Nobody takes it from the queue any more.
            CancelWaiting();
        }
        else
        {
            _setup.Kernel.Wake();
        }

        return waiting.WaitAsync(cancellationToken);
    }

    private void CancelWaiting()
    {
        while (_work.TryDequeue(out var waiting))
        {
            if (waiting.TryBegin())
            {
                waiting.Cancel();
            }
        }
    }

    private void Run()
    {
        var isResumed = false;
        while (!_stopping)
        {
            try
            {
                if (!isResumed)
                {
                    Publish(_problems.Look(_resume.Run(_view)));
                    isResumed = true;
                    ScheduleAudit();
                }

                Follow();
                Tend();
                if (!TakeWork(unreadable: null))
                {
                    _setup.Kernel.Wait(UntilDue());
                }
            }
            catch (KernelException e)
            {
                _setup.Observer.KernelFailed(e.Failure);
                Publish(_view.Degrade(DegradedReason.KernelUnreadable, e.Failure, _setup.Time.GetUtcNow()));
                while (TakeWork(e))
                {
                }

                _stopSignal.WaitOne(RetryPause);
            }
        }
    }

    private void Publish(DataplaneView view)
    {
        _view = view with { IsApplying = false };
        Published?.Invoke();
    }

    /// <summary>Takes in what the kernel reported, and heals what that shows.</summary>
    private void Follow()
    {
        var started = _setup.Time.GetTimestamp();
        var view = _view;
        var state = _setup.Kernel.Follow(view.State, out var change);
        if (change.ReadAnew)
        {
            _setup.Observer.ReadAnew(state.LinkCount, _setup.Time.GetElapsedTime(started));
        }

        if (!ReferenceEquals(state, view.State) || view.Has(DegradedReason.KernelUnreadable))
        {
            Publish((view with { State = state, AsOf = _setup.Time.GetUtcNow() }).Recover(DegradedReason.KernelUnreadable));
        }

        if (change.Addressed.Any(_view.Desired.Claims.ContainsKey))
        {
            state = _setup.Kernel.ReadLinks(state, [.. change.Addressed.Where(_view.Desired.Claims.ContainsKey)]);
            Publish(_view with { State = state });
        }

        // What is to go away at once is not made whole again first.
        if (WhyGoBack() is null && DriftScope.Of(change, _view.Desired, state) is { } scope)
        {
            Heal(scope, DriftSource.KernelEvent, started);
        }
    }

    private void Heal(PlanScope scope, DriftSource source, long? noticed = null)
    {
        var (ports, began) = (_view.Desired.Ports, noticed ?? _setup.Time.GetTimestamp());
        var turn = new HealTurn(_setup, _view, _ledger, scope, source);
        turn.Run();
        TimeSpan? followed = turn.HasFollowed ? _setup.Time.GetElapsedTime(began) : null;
        Publish(turn.View);
        TellMoves(ports, followed);
    }

    /// <summary>What is the same is the same object: mostly there is nothing to look at.</summary>
    private void TellMoves(ImmutableDictionary<string, PortDesign> before, TimeSpan? followed)
    {
        var now = _view.Desired.Ports;
        if (ReferenceEquals(now, before))
        {
            return;
        }

        foreach (var (id, port) in now)
        {
            if (before.TryGetValue(id, out var known) && !ReferenceEquals(known, port) && !known.IsWhere(port))
            {
                _setup.Observer.PortMoved(known, port, followed);
            }
        }
    }

    /// <summary>What is due by the clock: what the disk refused, a way back, the audit, what was left for a while.</summary>
    private void Tend()
    {
        if (_view.Has(DegradedReason.StateNotWritable) && UntilNext(_caughtUp, DiskPause) <= TimeSpan.Zero)
        {
            CatchUp();
        }

        if (WhyGoBack() is { } cause)
        {
            GoBack(cause);
        }

        if (_setup.Time.GetElapsedTime(_audited) >= _auditPause)
        {
            Audit();
        }

        if (_ledger.TakeDue() is { Count: > 0 } due)
        {
            var isNetworks = due.TrueForAll(_view.Desired.Networks.ContainsKey);
            Heal(isNetworks ? new PlanScope(due) : PlanScope.Everything, DriftSource.Audit);
        }
    }

    /// <summary>Nobody has to ask for anything to have on disk what was told, and to hear that it can be written again.</summary>
    private void CatchUp()
    {
        _caughtUp = _setup.Time.GetTimestamp();
        try
        {
            _setup.Journal.KeepTerm(_view.Term);
            _setup.Journal.CatchUp();
            Publish(_view.Recover(DegradedReason.StateNotWritable));
        }
        catch (JournalException)
        {
            // That it fails was told when it began, and the status goes on telling it.
        }
    }

    private void Audit()
    {
        var state = _setup.Kernel.ReadAll();
        state = _setup.Kernel.ReadSettings(state, SettingsPlanner.Names(_view.Desired.Config));
        Publish(_problems.Look(_view with { State = state, AsOf = _setup.Time.GetUtcNow() }));
        Heal(PlanScope.Everything, DriftSource.Audit);
        ScheduleAudit();
    }

    /// <summary>With some jitter, so that the hosts of a cloud do not all do it at once.</summary>
    private void ScheduleAudit()
    {
        _audited = _setup.Time.GetTimestamp();
        _auditPause = _view.Policy.AuditInterval * (0.9 + (0.2 * Random.Shared.NextDouble()));
    }

    private UndoCause? WhyGoBack()
    {
        if (_view is not { InForce.Pending: { } pending, Fallback: not null } || UntilNext(_wentBack, WayBackPause) > TimeSpan.Zero)
        {
            return null;
        }

        return pending.ConfirmBefore <= _started ? UndoCause.RestartedTooLate
            : pending.ConfirmBefore <= _setup.Time.GetUtcNow() ? UndoCause.ConfirmExpired
            : _setup.LostSince(_view.InForce.Entry.Caller) > _setup.ManagementLostAfter ? UndoCause.ManagementLost
            : null;
    }

    private void GoBack(UndoCause cause)
    {
        var (pending, fallback) = (_view.InForce.Pending!, _view.Fallback!);
        var options = new ChangeOptions(string.Create(CultureInfo.InvariantCulture, $"way-back-of-{pending.Generation}"))
        {
            Term = _view.Term,
            Caller = HistoryEntry.AgentItself,
            Method = "HostNetwork/Confirm",
            AllowDisruption = true,
            Note = $"no confirmation for generation {pending.Generation}",
        };
        var change = new WaitingChange(options, new RestoreGeneration(fallback) { Cause = cause }, _setup.Time.GetTimestamp());
        var report = Make([change])[0].Report;
        if (report.Succeeded)
        {
            _wentBack = null;
            return;
        }

        // Until then what is in force is to be whole, and that was not looked at.
        _wentBack = _setup.Time.GetTimestamp();
        _auditPause = TimeSpan.Zero;
    }

    /// <summary>False if there is none.</summary>
    private bool TakeWork(KernelException? unreadable)
    {
        if (!_work.TryDequeue(out var first))
        {
            return false;
        }

        if (!first.TryBegin())
        {
            return true;
        }

        switch (first)
        {
            case WaitingChange change when unreadable is null:
                Make(Fold(change));
                break;
            case WaitingChange change:
                Answer([change], new ChangeTurn(_setup, _view, [change]), turn => turn.Fail(unreadable.Failure));
                break;
            case IQuestion question when unreadable is null:
                question.Ask(_setup.Kernel);
                break;
            case IQuestion question:
                question.Fail(unreadable);
                break;
        }

        return true;
    }

    /// <summary>The change, and those behind it that can share its turn.</summary>
    private List<WaitingChange> Fold(WaitingChange first)
    {
        List<WaitingChange> fold = [first];
        if (!first.IsFoldable)
        {
            return fold;
        }

        var subjects = new HashSet<string>(StringComparer.Ordinal) { first.Subject! };
        while (fold.Count < MostFolded
            && _work.TryPeek(out var next)
            && next is WaitingChange { IsFoldable: true } change
            && change.Options.AllowDisruption == first.Options.AllowDisruption
            && subjects.Add(change.Subject!))
        {
            _work.TryDequeue(out _);
            if (change.TryBegin())
            {
                fold.Add(change);
            }
        }

        return fold;
    }

    private IReadOnlyList<ChangeResult> Make(List<WaitingChange> fold)
    {
        _view = _view with { IsApplying = !fold[0].Options.DryRun };
        return Answer(fold, new ChangeTurn(_setup, _view, fold), turn => turn.Run());
    }

    private IReadOnlyList<ChangeResult> Answer(
        List<WaitingChange> fold, ChangeTurn turn, Func<ChangeTurn, IReadOnlyList<ChangeResult>> run)
    {
        var results = run(turn);
        var (view, ports) = (turn.View, _view.Desired.Ports);
        for (var i = 0; i < fold.Count; i++)
        {
            view = view.Judge(results[i].Report, fold[i].Edit);
        }

        Publish(_problems.Follow(_view, view));
        for (var i = 0; i < fold.Count; i++)
        {
            _setup.Observer.Changed(results[i].Report, fold[i].Options, fold[i].Edit);
            fold[i].Answer(results[i]);
        }

        TellMoves(ports, followed: null);

        return results;
    }

    /// <summary>Until something is due by the clock; null if nothing is.</summary>
    private TimeSpan? UntilDue()
    {
        var due = _auditPause - _setup.Time.GetElapsedTime(_audited);
        if (_ledger.NextDue is { } next && next < due)
        {
            due = next;
        }

        if (_view.Has(DegradedReason.StateNotWritable))
        {
            due = Min(due, UntilNext(_caughtUp, DiskPause));
        }

        if (_view is { InForce.Pending: { } pending, Fallback: not null })
        {
            var left = pending.ConfirmBefore - _setup.Time.GetUtcNow();
            left = left > TimeSpan.Zero ? left : WayBackPause;
            due = Min(due, Min(left, AbsencePause));
        }

        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }

    /// <summary>Until what failed then is tried again; none if it was not tried yet.</summary>
    private TimeSpan UntilNext(long? failed, TimeSpan pause) => failed is { } since ? pause - _setup.Time.GetElapsedTime(since) : TimeSpan.Zero;

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private ChangeResult QueueFull(ChangeOptions options)
    {
        var view = _view;
        return new ChangeResult(
            new ChangeReport
            {
                RequestId = options.RequestId,
                Outcome = ChangeOutcome.FailedUndone,
                Generation = view.Generation,
                PreviousGeneration = view.Generation,
                AcceptedAt = _setup.Time.GetUtcNow(),
                Failures =
                [
                    new Failure
                    {
                        Kind = FailureKind.ResourceExhausted,
                        Operation = "queue",
                        Subject = new ObjectRef(ObjectKind.Host),
                        Reason = "QUEUE_FULL",
                        Message = string.Create(CultureInfo.InvariantCulture, $"{MostWaiting} requests wait for their turn already"),
                        Remedy = "ask again in a second, and ask for many networks at once with Apply",
                        Retryable = true,
                    },
                ],
            },
            view.Desired);
    }
}
