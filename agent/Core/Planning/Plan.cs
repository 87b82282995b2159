using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Planning;

/// <summary>Ordered steps from what the kernel has to what is desired; with any failure nothing of it may be applied.</summary>
public sealed record Plan(IReadOnlyList<PlanStep> Steps, IReadOnlyList<Failure> Failures, IReadOnlyList<ChangeWarning> Warnings);

/// <summary>Which part of the desired state a plan is about: what is outside is neither looked at nor touched.</summary>
/// <param name="Networks">These networks; null for everything that is the agent's, and the removal of what should not be there.</param>
public sealed record PlanScope(IReadOnlyCollection<string>? Networks)
{
    public static readonly PlanScope Everything = new((IReadOnlyCollection<string>?)null);

    /// <summary>Networks of everything that are left alone nevertheless.</summary>
    public IReadOnlySet<string> Except { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>The ports whose rate limits it is about; null for all, and for the removal of those that should not be there.</summary>
    public IReadOnlyCollection<string>? Ports { get; init; }

    public bool Includes(string port) => !Except.Contains(port) && (Ports is null || Ports.Contains(port));
}
