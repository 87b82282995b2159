using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Verification;

namespace Cloudbr.Agent.Dataplane;

/// <summary>The desired state in force, and the kernel's state beside it.</summary>
public sealed record DataplaneView
{
    public required Desired Desired { get; init; }

    public required HostState State { get; init; }

    /// <summary>The highest priority first, with the configuration's wishes applied.</summary>
    public required IReadOnlyList<Provider> Providers { get; init; }

    public required Generation InForce { get; init; }

    /// <summary>Where it goes back to without a confirmation; null unless one is awaited.</summary>
    public Generation? Fallback { get; init; }

    public ulong Term { get; init; }

    /// <summary>When the state was last known to be true.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>A change or a heal is under way.</summary>
    public bool IsApplying { get; init; }

    /// <summary>The desired state was lost: nothing is written until somebody gives all of it.</summary>
    public bool IsLost { get; init; }

    /// <summary>What holds unless the configuration says something about drift.</summary>
    public DriftPolicy DefaultDrift { get; init; } = DriftPolicy.Default;

    /// <summary>What is not as desired right now and was not healed, by whose it is: a network's id, or a label, or nothing.</summary>
    public ImmutableSortedDictionary<string, ImmutableList<Drift>> Drifts { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableList<Drift>>(StringComparer.Ordinal);

    /// <summary>
    /// What an interrupted change of the agent's own left half-made, and is not as desired yet, by <see cref="Drifts.HalfMade.Of"/>: that is
    /// put right whatever the mode says of what others do.
    /// </summary>
    public ImmutableHashSet<string> HalfMade { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Open problems, by id.</summary>
    public ImmutableSortedDictionary<string, Finding> Findings { get; init; } =
        ImmutableSortedDictionary.Create<string, Finding>(StringComparer.Ordinal);

    /// <summary>Why the agent cannot do all of its work.</summary>
    public ImmutableList<Degradation> Degradations { get; init; } = [];

    public ulong Generation => InForce.Number;

    /// <summary>When the generation was accepted; null for generation 0.</summary>
    public DateTimeOffset? AcceptedAt => InForce.Number == 0 ? null : InForce.Entry.AcceptedAt;

    /// <summary>The settings that the agent holds, with the value each had before the agent first changed it.</summary>
    public IReadOnlyDictionary<string, string> PreviousSettings => InForce.PreviousSettings;

    public DriftPolicy Policy => Desired.Config.Drift ?? DefaultDrift;

    public AgentStatus Status => new(Condition, Generation, Term)
    {
        Degradations = Degradations,
        Pending = InForce.Pending,
        DriftedObjects = Drifts.Values.Sum(d => d.Count),
        Mode = IsLost ? OperatingMode.ObserveOnly : Policy.Mode == DriftMode.Observe ? OperatingMode.Observe : OperatingMode.Heal,
    };

    private AgentState Condition => !Degradations.IsEmpty ? AgentState.Degraded
        : !Drifts.IsEmpty ? AgentState.Drifted
        : IsApplying ? AgentState.Applying
        : AgentState.Serving;

    /// <summary>
    /// Networks with what is not as desired in them; those not named are in place. Compares all of them: ask once.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Failure>> FindProblems() => Verifier.Check(Desired, State, PlanScope.Everything)
        .GroupBy(f => f.Subject.Id, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, IReadOnlyList<Failure> (g) => [.. g], StringComparer.Ordinal);

    /// <summary>It was not confirmed in time, and goes back.</summary>
    internal bool IsTimeUp(DateTimeOffset now) => Fallback is not null && InForce.Pending?.ConfirmBefore <= now;

    internal bool Has(DegradedReason reason) => Degradations.Exists(d => d.Reason == reason);

    internal DataplaneView Degrade(DegradedReason reason, Failure failure, DateTimeOffset since) =>
        Has(reason) ? this : this with { Degradations = Degradations.Add(new Degradation(reason, failure, since)) };

    internal DataplaneView Recover(DegradedReason reason) =>
        Has(reason) ? this with { Degradations = Degradations.RemoveAll(d => d.Reason == reason) } : this;

    /// <summary>What could not be undone stays a reason until a change of everything, or a resync, found the kernel as desired.</summary>
    internal DataplaneView Judge(ChangeReport report, ConfigEdit edit) => report.Outcome switch
    {
        ChangeOutcome.FailedIncomplete => Degrade(DegradedReason.UndoIncomplete, report.Failures[0], report.AcceptedAt),
        ChangeOutcome.Applied or ChangeOutcome.Unchanged when edit is ReplaceConfig or Resync => Recover(DegradedReason.UndoIncomplete),
        _ => this,
    };
}
