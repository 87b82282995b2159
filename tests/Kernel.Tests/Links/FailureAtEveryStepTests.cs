using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Testing.Kernel;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>
/// Wherever a change is refused, the host is afterwards as it was before, other people's things included, and the same change
/// succeeds when nothing is in its way any more.
/// </summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class FailureAtEveryStepTests
{
    /// <summary>A configuration that needs fewer steps is not the rich one that this is about.</summary>
    private const int FewestSteps = 20;

    private static readonly (string Name, HostConfig? From, HostConfig To)[] Changes =
    [
        ("apply", null, RichHost.First),
        ("change", RichHost.First, RichHost.Second),
        ("remove", RichHost.First, HostConfig.Empty),
    ];

    [Test, MachineOnly]
    public void RefusedBeforeTheStep_AllIsUndone([ValueSource(nameof(Names))] string change) =>
        RefuseEachStep(change, "INJECTED", (host, step) => host.RefuseStep = step, _ => true);

    /// <summary>No kernel refuses to remove such devices.</summary>
    [Test, MachineOnly]
    public void RefusedByTheKernelAmongOtherSteps_AllIsUndone([ValueSource(nameof(Names))] string change) =>
        RefuseEachStep(change, null, (host, step) => host.SpoilStep = step, step => step is not DeleteLink);

    [Test, Needs(Feature.Vlan)]
    public void RefusedBeforeTheStep_OfVlans_AllIsUndone()
    {
        using var hosts = TwoHosts.Create();
        hosts.First.Namespace.Exec("sysctl", "-qw", "net/ipv6/conf/default/accept_dad=0", "net/ipv6/conf/all/accept_dad=0");
        using var host = new AgentHostScene(hosts.First.Namespace);
        RefuseEachStep(host, Vlan(761), fewest: 2, (h, step) => h.RefuseStep = step, _ => true);
        RefuseEachStep(host, HostConfig.Empty, fewest: 2, (h, step) => h.RefuseStep = step, _ => true);

        static HostConfig Vlan(int vid) => AgentHostScene.Config(
            AgentHostScene.CheckOnly("eth0"), new Network { Id = "net-1", PhysicalNetwork = "eth0", Isolation = new VlanIsolation(vid) });
    }

    public static IEnumerable<string> Names() => Changes.Select(c => c.Name);

    private static void RefuseEachStep(string change, string? reason, Action<AgentHostScene, int?> refuse, Func<PlanStep, bool> canBeRefused)
    {
        var (_, from, to) = Changes.Single(c => c.Name == change);
        using var hosts = TwoHosts.Create();
        var network = hosts.First.Namespace;
        RichHost.AddAddressesAndRoutes(network);
        RichHost.AddForeign(network);
        using var host = new AgentHostScene(network);
        if (from is not null)
        {
            Expect.AppliedForGood(host, () => host.Apply(from));
        }

        RefuseEachStep(host, to, FewestSteps, refuse, canBeRefused, reason);
    }

    private static void RefuseEachStep(
        AgentHostScene host, HostConfig to, int fewest, Action<AgentHostScene, int?> refuse, Func<PlanStep, bool> canBeRefused, string? reason = null)
    {
        var network = host.Host;
        RichHost.Settle(network, host.View.State.OwnedAliases.SelectMany(host.View.State.OwnedBy).Where(l => l is { Kind: "bridge", Name: not "cloud0" }).Select(l => l.Name));
        var before = HostSnapshot.Of(network);
        var settings = Settings(network);
        var planned = host.Change(new ReplaceConfig(to, ReplaceConfig.AllSections), allowDisruption: true, dryRun: true).Changes;
        Assert.That(planned, Has.Count.AtLeast(fewest));

        for (var step = 0; step < planned.Count; step++)
        {
            if (!canBeRefused(planned[step].Step))
            {
                continue;
            }

            refuse(host, step);
            var report = host.Apply(to, allowDisruption: true);

            var words = $"step {step + 1}: {Expect.Words(report)}";
            Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.FailedUndone), words);
            Assert.That(report.Changes[step].Progress, Is.EqualTo(StepProgress.Failed), words);
            Assert.That(report.Failures[0].Subject, Is.EqualTo(report.Changes[step].Step.Subject), words);
            Assert.That(report.Failures[0].Reason, reason is null ? Is.Not.Empty : Is.EqualTo(reason), words);
            Assert.That(report.Undone?.Complete, Is.True, words);
            Unchanged.Since(before, network, words, madeAnew: d => RichHost.IsOwn(d) || d.Contains("76", StringComparison.Ordinal));
            Assert.That(Settings(network), Is.EqualTo(settings), words);
        }

        refuse(host, null);
        Expect.AppliedForGood(host, () => host.Apply(to, allowDisruption: true));
    }

    private static string Settings(NetNamespace network) => network.Run(() => string.Join(' ', new[]
    {
        "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding", "/proc/sys/net/ipv4/igmp_max_memberships",
    }.Select(File.ReadAllText)));
}
