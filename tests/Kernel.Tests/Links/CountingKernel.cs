using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>The real kernel, with a count of what is written and a refusal put in where a test wants one.</summary>
internal sealed class CountingKernel(LinuxKernel kernel) : IHostKernel
{
    public long Writes => kernel.Writes;

    public int? RefuseStep { get; set; }

    public HostState ReadAll() => kernel.ReadAll();

    public HostState Follow(HostState known, out bool readAnew) => kernel.Follow(known, out readAnew);

    public StepOutcome[] Apply(IReadOnlyList<PlanStep> steps, HostState known)
    {
        if (RefuseStep is not { } at || at >= steps.Count)
        {
            return kernel.Apply(steps, known);
        }

        RefuseStep = null;
        var outcomes = new StepOutcome[steps.Count];
        kernel.Apply([.. steps.Take(at)], known).CopyTo(outcomes, 0);
        outcomes[at] = new StepOutcome(StepResult.Refused, new Failure
        {
            Operation = "test",
            Subject = steps[at].Subject,
            Reason = "INJECTED",
            Message = $"the test refuses step {at}",
        });
        return outcomes;
    }

    public HostState ReadBack(HostState known, IReadOnlyList<PlanStep> steps) => kernel.ReadBack(known, steps);

    public HostState ReadSettings(HostState known, IEnumerable<string> names) => kernel.ReadSettings(known, names);

    public IReadOnlyList<ForwardingEntry> ReadForwarding() => kernel.ReadForwarding();

    public void Wait() => kernel.Wait();

    public void Wake() => kernel.Wake();

    public void Dispose() => kernel.Dispose();
}
