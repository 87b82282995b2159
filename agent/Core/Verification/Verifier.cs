using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Core.Verification;

/// <summary>
/// Says whether the kernel has what is desired. What is left to do after everything was done is what the kernel did not agree to:
/// so the planner itself is asked again, and cannot think differently of it the second time.
/// </summary>
public static class Verifier
{
    /// <summary>What differs; empty if the kernel agrees.</summary>
    public static IReadOnlyList<Failure> Check(Desired desired, HostState fresh, PlanScope scope) =>
        [.. desired.Unresolved, .. desired.Undesigned.Values, .. Explain(Planner.Make(desired, desired, fresh, scope, allowDisruption: true))];

    /// <summary>What is left to do, as what the kernel does not agree to.</summary>
    public static IReadOnlyList<Failure> Explain(Plan rest) => [.. rest.Failures, .. rest.Steps.Select(Disagreement)];

    private static Failure Disagreement(PlanStep step) => new()
    {
        Operation = "verify",
        Subject = step.Subject,
        Reason = "KERNEL_DISAGREES",
        Message = step.Action switch
        {
            StepAction.Create => $"{step.Subject} should be there, and is not",
            StepAction.Delete => $"{step.Subject} should not be there, and is",
            _ => $"{step.Subject} is not as it should be: {string.Join(", ", step.Attributes.Select(a => $"{a.Name} is {a.Before ?? "unset"} and not {a.After ?? "unset"}"))}",
        },
        Remedy = "see who else manages this device; `journalctl -u cloudbr-agent` tells what the agent wrote",
        Retryable = true,
    };
}
