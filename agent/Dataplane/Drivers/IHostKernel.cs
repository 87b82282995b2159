using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Dataplane.Drivers;

public enum StepResult
{
    /// <summary>A step before it was refused.</summary>
    NotReached,

    /// <summary>The kernel accepted it.</summary>
    Applied,

    /// <summary>Somebody else had done the same already; reading back tells whether it is as it should be. Not ours to take back.</summary>
    Raced,

    /// <summary>The kernel refused it.</summary>
    Refused,
}

/// <summary>What became of one step. A refused step may have been written in part.</summary>
public readonly record struct StepOutcome(StepResult Result, Failure? Failure)
{
    /// <summary>What the caller should know although it was applied.</summary>
    public ChangeWarning? Warning { get; init; }

    public static readonly StepOutcome Applied = new(StepResult.Applied, null);
    public static readonly StepOutcome Raced = new(StepResult.Raced, null);
}

/// <summary>
/// The kernel as the reconcile loop sees it: typed reads and writes. One thread uses it; only <see cref="Wake"/> may come from others.
/// </summary>
public interface IHostKernel : IDisposable
{
    /// <summary>Reads everything anew, and has <see cref="Follow"/> go on from there.</summary>
    HostState ReadAll();

    /// <summary>
    /// Takes in what the kernel reported since the last time, and says what that was about, also what the other readings took in
    /// meanwhile. If reports were lost it reads everything anew.
    /// </summary>
    HostState Follow(HostState known, out KernelChange change);

    /// <summary>Applies the steps in order, stopping soon after one is refused; an outcome for each.</summary>
    StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known);

    /// <summary>Reads anew whatever these steps may have changed, and only that.</summary>
    HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps);

    /// <summary>Reads these devices anew, by name.</summary>
    HostState ReadLinks(HostState known, IReadOnlyCollection<string> names);

    /// <summary>Reads kernel settings anew.</summary>
    HostState ReadSettings(HostState known, IReadOnlyCollection<string> names);

    /// <summary>All forwarding entries of all devices, learned ones too.</summary>
    IReadOnlyList<ForwardingEntry> ReadForwarding();

    /// <summary>
    /// Waits until there is something that <see cref="Follow"/> did not tell yet, somebody calls <see cref="Wake"/>, or the time is up;
    /// null waits for ever.
    /// </summary>
    void Wait(TimeSpan? limit);

    void Wake();
}
