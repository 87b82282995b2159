using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Verification;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>One life of the agent on a host in memory: what the reconcile loop does, without loop, journal and kernel.</summary>
internal sealed class TestAgent(MemoryHost host)
{
    public const string Hostname = "kvm1";

    public MemoryHost Host => host;

    public Desired Desired { get; private set; } = Desired.Nothing with { Hostname = Hostname };

    public static Provider AllOf(string name, int priority = Provider.DefaultPriority) => new()
    {
        Name = name,
        Priority = priority,
        Isolations = Enum.GetValues<IsolationKind>().ToValueList(),
    };

    public static ProviderSet Providers(HostConfig config) => new(
        [new LinuxBridgeProvider(AllOf(LinuxBridgeProvider.Name), Hostname), new LinuxBridgeProvider(AllOf("mirror", 50), Hostname)], config.Providers);

    /// <summary>The same agent on a host of its own from here on.</summary>
    public TestAgent Clone() => new(host.Clone()) { Desired = Desired };

    /// <summary>What would be done, with the reasons if nothing can be; the desired state is null if it cannot even be designed.</summary>
    public (Desired? Next, Plan Plan) Make(HostConfig config, IReadOnlyCollection<string>? touched = null, bool allowDisruption = true)
    {
        var failures = new List<Failure>();
        return Designer.Next(Desired, config, touched, host.State, Providers(config), failures) is { } next
            ? (next, Planner.Make(Desired, next, host.State, new PlanScope(touched), allowDisruption))
            : (null, new Plan([], failures, []));
    }

    /// <summary>Whether the change was made; false if the plan has failures. A refusal of the kernel is undone and thrown on.</summary>
    public bool Apply(HostConfig config, IReadOnlyCollection<string>? touched = null, bool allowDisruption = true)
    {
        var (next, plan) = Make(config, touched, allowDisruption);
        if (next is null || plan.Failures.Count > 0)
        {
            return false;
        }

        var done = new List<PlanStep>();
        try
        {
            foreach (var step in plan.Steps)
            {
                host.Apply(step);
                done.Add(step);
            }
        }
        catch (KernelRefusedException)
        {
            Undo(host, done);
            throw;
        }

        Desired = next;
        return true;
    }

    /// <summary>Takes steps back, the last first.</summary>
    public static void Undo(MemoryHost host, IEnumerable<PlanStep> done)
    {
        foreach (var step in done.Reverse())
        {
            host.Apply(step.Inverse);
        }
    }

    public IReadOnlyList<Failure> Verify(IReadOnlyCollection<string>? touched = null) =>
        Verifier.Check(Desired, host.State, new PlanScope(touched));
}
