using System.Collections.Immutable;
using System.Globalization;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Dataplane.Changes;

namespace Cloudbr.Agent.Dataplane.Drifts;

/// <summary>
/// Looks at a part of the host, and puts right what is not as desired, or only reports it, as the mode says. What cannot be healed, or
/// is changed again as fast as it is healed, is left for a while, and does not keep the rest from being healed. What the agent itself left
/// half-made is no drift, and put right in any mode.
/// </summary>
internal sealed class HealTurn(DataplaneSetup setup, DataplaneView view, HealLedger ledger, PlanScope scope, DriftSource source)
{
    /// <summary>What a fight with somebody else is found as.</summary>
    private const string Fight = "OTHER_MANAGER";

    private readonly long _noticed = setup.Time.GetTimestamp();
    private readonly DateTimeOffset _noticedAt = setup.Time.GetUtcNow();

    /// <summary>What is not as desired after this turn, by whose it is.</summary>
    private readonly Dictionary<string, List<Drift>> _left = new(StringComparer.Ordinal);

    /// <summary>Where ports' devices were.</summary>
    private readonly ImmutableDictionary<string, PortDesign> _ports = view.Desired.Ports;

    /// <summary>The packet filter, if it was as it was to be.</summary>
    private readonly Ruleset? _filter = view.Desired.Filter is { } wanted && wanted.IsSameAs(view.State.Filter) ? wanted : null;

    public DataplaneView View { get; private set; } = view;

    /// <summary>How many writes it took.</summary>
    public int Steps { get; private set; }

    /// <summary>Whether something followed ports' devices, and was read back.</summary>
    public bool HasFollowed { get; private set; }

    public void Run()
    {
        if (scope.Networks is null)
        {
            var set = new ProviderSet(setup.Providers, View.Desired.Config.Providers);
            View = View with { Desired = Designer.Best(View.Desired, View.Desired.Config, View.State, set) };
        }

        var isWhole = scope.Networks is null;
        var except = ledger.Held.ToHashSet(StringComparer.Ordinal);
        var plan = Make(scope, View.State);
        foreach (var failure in plan.Failures)
        {
            Leave(Stuck(failure), DriftHandling.Failed, failure);
            except.Add(failure.Subject.Id);
        }

        if (plan.Steps.Count > 0 || plan.Failures.Count > 0)
        {
            Note(plan.Steps.Where(s => !MayWrite(s)), DriftHandling.Observed);
            NoteHeld(plan.Steps.Where(s => MayWrite(s) && except.Contains(s.Subject.Id)));
            Heal(except);
        }

        var undesigned = View.Desired.Undesigned.Where(u => isWhole || scope.Networks!.Contains(u.Key)).Select(u => u.Value);
        foreach (var failure in isWhole ? View.Desired.Unresolved.Concat(undesigned) : undesigned)
        {
            Leave(Stuck(failure), DriftHandling.Failed, failure);
        }

        Publish(isWhole);
    }

    private bool MayWrite(PlanStep step) =>
        !View.IsLost && (View.Policy.Mode == DriftMode.Heal || IsFollowing(step) || View.HalfMade.Contains(HalfMade.Of(step.Subject)));

    private Plan Make(PlanScope part, HostState state)
    {
        var before = View.Desired;
        View = View with { Desired = setup.Complete(before, state) };
        return Planner.Make(before, View.Desired, state, part, allowDisruption: false);
    }

    /// <summary>Without what is only observed.</summary>
    private Plan MakeMine(PlanScope part, HostState state)
    {
        var plan = Make(part, state);
        return plan with { Steps = [.. plan.Steps.Where(MayWrite)] };
    }

    /// <summary>All at once; if somebody's part of it fails, the rest without that one.</summary>
    private void Heal(HashSet<string> except)
    {
        var part = scope;
        var isSecondLook = false;
        while (true)
        {
            part = part with { Except = except };
            var plan = MakeMine(part, View.State);
            if (plan.Failures.Count > 0 || plan.Steps.Any(s => except.Contains(s.Subject.Id)))
            {
                // Something of the host's own is in the way. Its networks can be healed without it.
                if (part.Networks is not null)
                {
                    return;
                }

                part = new PlanScope([.. View.Desired.Networks.Keys]);
                continue;
            }

            if (plan.Steps.Count == 0)
            {
                return;
            }

            var transaction = new Transaction(setup.Kernel, new StageClock(setup.Time), View.State);
            var report = transaction.Run(plan.Steps, state => MakeMine(part, state));
            View = View with { State = transaction.State, AsOf = setup.Time.GetUtcNow() };
            Steps += report.Steps.Count;
            if (report.Succeeded)
            {
                Celebrate([.. report.Steps.Select(s => s.Step)]);
                return;
            }

            if (!isSecondLook && !MakeMine(part, View.State).Steps.SequenceEqual(plan.Steps))
            {
                // A device that is on its way out is reported bit by bit: by now it may be known to be gone.
                isSecondLook = true;
                continue;
            }

            var owners = report.Failures.Select(f => f.Subject.Id).ToHashSet(StringComparer.Ordinal);
            var guilty = plan.Steps.Where(s => owners.Contains(s.Subject.Id)).ToList();
            guilty = guilty.Count > 0 ? guilty : [.. plan.Steps];
            Note(guilty, DriftHandling.Failed, report.Failures[0]);
            foreach (var owner in guilty.Select(s => s.Subject.Id).Distinct(StringComparer.Ordinal))
            {
                ledger.Failed(owner);
                except.Add(owner);
            }
        }
    }

    private void Celebrate(IReadOnlyList<PlanStep> steps)
    {
        var all = steps.Count;
        steps = [.. steps.Where(s => !IsFollowing(s))];
        HasFollowed |= steps.Count < all;
        var duration = setup.Time.GetElapsedTime(_noticed);
        foreach (var drift in DriftReader.Read(steps))
        {
            setup.Observer.Drifted(Finish(drift, DriftHandling.Healed, null) with { HealDuration = duration });
        }

        // What an upgrade or a reboot took away is nobody's fight.
        foreach (var owner in source is DriftSource.Start or DriftSource.Resync ? [] : steps.Select(s => s.Subject.Id).Distinct(StringComparer.Ordinal))
        {
            if (ledger.Healed(owner, View.Policy.MaxHealsPerMinute))
            {
                OpenFinding(steps.First(s => s.Subject.Id == owner));
            }
        }
    }

    /// <summary>Nobody did anything wrong: a guest was started, stopped or moved.</summary>
    private bool IsFollowing(PlanStep step) => step switch
    {
        ChangeFilter => _filter is not null && !ReferenceEquals(_filter, View.Desired.Filter),
        { Subject: { Kind: ObjectKind.Port, Id: var id } } =>
            _ports.TryGetValue(id, out var then) && View.Desired.Ports.TryGetValue(id, out var now) && !then.IsWhere(now),
        _ => false,
    };

    private void OpenFinding(PlanStep step)
    {
        var device = step.Subject.Scope.Length > 0 ? step.Subject.Scope : step.Subject.Name;
        var other = setup.OtherManager(device);
        var now = setup.Time.GetUtcNow();
        var finding = new Finding
        {
            Code = Fight,
            Subject = step.Subject,
            Severity = FindingSeverity.Error,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{step.Subject} was healed {View.Policy.MaxHealsPerMinute} times within a minute: {(other.Length > 0 ? other : "somebody else")} changes it again and again; the agent leaves it for a while"),
            Evidence = [.. DriftReader.Read([step]).Select(d => new Evidence("netlink", Words(d), now))],
            Remedy = other.Length > 0
                ? $"tell {other} to leave {device} alone"
                : $"find out who else manages {device} (`ip monitor link` shows when), and have it leave the device alone",
            Label = View.Desired.LabelOf(step.Subject),
            Affected = View.Desired.NetworksOn(step.Subject).ToValueList(),
            FirstSeen = now,
            LastSeen = now,
        };
        if (View.Findings.TryGetValue(finding.Id, out var known))
        {
            finding = finding with { FirstSeen = known.FirstSeen, TimesSeen = known.TimesSeen + 1 };
        }

        View = View with { Findings = View.Findings.SetItem(finding.Id, finding) };
        setup.Observer.Found(finding);
    }

    private static string Words(Drift drift) => drift.Kind switch
    {
        DriftKind.Removed => $"{drift.Subject} was gone",
        DriftKind.Unexpected => $"{drift.Subject} was there, and should not be",
        _ => $"{drift.Subject}: {string.Join(", ", drift.Attributes.Select(a => $"{a.Name} was {a.After ?? "unset"} and not {a.Before ?? "unset"}"))}",
    };

    private static Drift Stuck(Failure failure) => new(failure.Subject, DriftKind.Changed, []);

    /// <summary>What could not be healed stays what it is; the others are left because of a fight.</summary>
    private void NoteHeld(IEnumerable<PlanStep> steps)
    {
        foreach (var owner in steps.GroupBy(s => s.Subject.Id, StringComparer.Ordinal).Where(o => !_left.ContainsKey(o.Key)).ToList())
        {
            if (View.Drifts.TryGetValue(owner.Key, out var known) && known.Exists(d => d.Handling == DriftHandling.Failed))
            {
                _left[owner.Key] = [.. known];
            }
            else
            {
                Note(owner, DriftHandling.BackedOff);
            }
        }
    }

    /// <summary>Whoever failed already is not noted again for it.</summary>
    private void Note(IEnumerable<PlanStep> steps, DriftHandling handling, Failure? failure = null)
    {
        var failed = _left.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var drift in DriftReader.Read(steps).Where(d => !failed.Contains(d.Subject.Id)).ToList())
        {
            Leave(drift, handling, failure);
        }
    }

    private void Leave(Drift drift, DriftHandling handling, Failure? failure)
    {
        if (!_left.TryGetValue(drift.Subject.Id, out var drifts))
        {
            _left[drift.Subject.Id] = drifts = [];
        }

        drifts.Add(Finish(drift, handling, failure));
    }

    /// <summary>What could not be healed the first time was noticed then.</summary>
    private Drift? Known(Drift drift) => View.Drifts.GetValueOrDefault(drift.Subject.Id)?.Find(d => d.Subject == drift.Subject);

    private Drift Finish(Drift drift, DriftHandling handling, Failure? failure) => drift with
    {
        Handling = handling,
        Failure = failure,
        Label = View.Desired.LabelOf(drift.Subject),
        NoticedAt = Known(drift)?.NoticedAt ?? _noticedAt,
        Source = Known(drift)?.Source ?? source,
        LikelyCause = setup.OtherManager(drift.Subject.Scope.Length > 0 ? drift.Subject.Scope : drift.Subject.Name),
    };

    /// <summary>What is left is told once for as long as it stays the same.</summary>
    private void Publish(bool isWhole)
    {
        var drifts = View.Drifts.ToBuilder();
        foreach (var owner in isWhole ? [.. drifts.Keys] : scope.Networks!)
        {
            if (!_left.ContainsKey(owner))
            {
                drifts.Remove(owner);
            }
        }

        foreach (var (owner, remaining) in _left)
        {
            var known = drifts.GetValueOrDefault(owner) ?? [];
            foreach (var drift in remaining.Where(d => !known.Exists(d.IsSameAs)))
            {
                setup.Observer.Drifted(drift);
            }

            drifts[owner] = [.. remaining.Select(d => known.Find(d.IsSameAs) ?? d)];
        }

        var left = _left.Values.SelectMany(d => d).Select(d => HalfMade.Of(d.Subject)).ToHashSet(StringComparer.Ordinal);
        var made = View.HalfMade.Where(o => (isWhole || scope.Networks!.Contains(o)) && !left.Contains(o));
        View = View with { Drifts = drifts.ToImmutable(), HalfMade = View.HalfMade.Except(made) };
        foreach (var owner in ledger.Forgive(o => !View.Drifts.ContainsKey(o)))
        {
            CloseFindings(owner);
        }

        var failed = View.Drifts.Values.SelectMany(d => d).FirstOrDefault(d => d.Handling == DriftHandling.Failed);
        View = failed is null
            ? View.Recover(DegradedReason.HealFailed)
            : View.Degrade(DegradedReason.HealFailed, failed.Failure!, _noticedAt);
    }

    private void CloseFindings(string owner)
    {
        foreach (var finding in View.Findings.Values.Where(f => f.Code == Fight && f.Subject.Id == owner).ToList())
        {
            View = View with { Findings = View.Findings.Remove(finding.Id) };
            setup.Observer.Found(finding with { IsOpen = false, LastSeen = setup.Time.GetUtcNow() });
        }
    }
}
