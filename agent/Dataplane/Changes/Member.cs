using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Dataplane.Changes;

/// <summary>A change of a turn that was not refused so far.</summary>
/// <param name="at">Its place among those that were asked for.</param>
/// <param name="change">What was asked for.</param>
/// <param name="desired">The desired state with it, and with all before it.</param>
/// <param name="providers">Who realises networks then.</param>
/// <param name="scope">The part of the desired state that it is about.</param>
/// <param name="previous">The generation before it.</param>
/// <param name="generation">The generation with it; the same if it makes none.</param>
internal sealed class Member(
    int at, WaitingChange change, Desired desired, ProviderSet providers, PlanScope scope, ulong previous, ulong generation)
{
    public int At => at;

    public WaitingChange Change => change;

    public Desired Desired { get; set; } = desired;

    public ProviderSet Providers => providers;

    public PlanScope Scope => scope;

    public ulong Previous => previous;

    public ulong Generation => generation;

    /// <summary>Of this change alone.</summary>
    public Plan? Plan { get; set; }

    /// <summary>The devices of its networks.</summary>
    public IEnumerable<string> Links => scope.Networks!
        .SelectMany(id => Desired.Networks.TryGetValue(id, out var design) ? design.Links.Select(l => l.Name) : []);
}
