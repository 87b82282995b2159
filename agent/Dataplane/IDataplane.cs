using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Verification;

namespace Cloudbr.Agent.Dataplane;

/// <summary>The host's network as the services see it: one door for changes, and a view to look at.</summary>
public interface IDataplane
{
    /// <summary>The latest view. It never changes; ask again for a newer one.</summary>
    DataplaneView View { get; }

    /// <summary>
    /// Makes a change, or with DryRun plans it. What the host or the kernel refuses is in the report; it does not throw for that.
    /// Cancelling gives up waiting for the turn; a change that has begun is finished.
    /// </summary>
    Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken);

    /// <summary>What is behind each of these labels now, in the same order.</summary>
    IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked);

    /// <summary>All forwarding entries of all devices, learned ones too, read from the kernel now.</summary>
    Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken);
}

/// <summary>What came of a change, and the desired state to realise it from; for a dry run the one that would be.</summary>
public sealed record ChangeResult(ChangeReport Report, Desired Desired);

/// <summary>The desired state in force, and the kernel's state beside it.</summary>
public sealed record DataplaneView
{
    public required Desired Desired { get; init; }

    public required HostState State { get; init; }

    /// <summary>The highest priority first, with the configuration's wishes applied.</summary>
    public required IReadOnlyList<Provider> Providers { get; init; }

    public ulong Generation { get; init; }

    public ulong Term { get; init; }

    /// <summary>When the generation was accepted; null for generation 0.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>When the state was last known to be true.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>
    /// Networks with what is not as desired in them; those not named are in place. Compares all of them: ask once.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Failure>> FindProblems() => Verifier.Check(Desired, State, PlanScope.Everything)
        .GroupBy(f => f.Subject.Id, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, IReadOnlyList<Failure> (g) => [.. g], StringComparer.Ordinal);

    /// <summary>The settings that the agent holds, with the value each had before the agent first changed it.</summary>
    public IReadOnlyDictionary<string, string> PreviousSettings { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Why the agent cannot do all of its work.</summary>
    public ImmutableList<Degradation> Degradations { get; init; } = [];

    public AgentStatus Status => new(Degradations.IsEmpty ? AgentState.Serving : AgentState.Degraded, Generation, Term) { Degradations = Degradations };

    internal bool Has(DegradedReason reason) => Degradations.Exists(d => d.Reason == reason);

    internal DataplaneView Degrade(Degradation why) => Has(why.Reason) ? this : this with { Degradations = Degradations.Add(why) };

    internal DataplaneView Recover(DegradedReason reason) =>
        Has(reason) ? this with { Degradations = Degradations.RemoveAll(d => d.Reason == reason) } : this;

    /// <summary>What could not be undone stays a reason until a change of everything, or a resync, found the kernel as desired.</summary>
    internal DataplaneView Judge(ChangeReport report, ConfigEdit edit) => report.Outcome switch
    {
        ChangeOutcome.FailedIncomplete => Degrade(new Degradation(DegradedReason.UndoIncomplete, report.Failures[0], report.AcceptedAt)),
        ChangeOutcome.Applied or ChangeOutcome.Unchanged when edit is ReplaceConfig or Resync => Recover(DegradedReason.UndoIncomplete),
        _ => this,
    };
}
