using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Testing.Kernel;
using static Cloudbr.Agent.Kernel.Tests.Links.AgentHostScene;
using static Cloudbr.Agent.Kernel.Tests.Links.TwoAgents;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A provider is switched off while its networks are in use, and on again.</summary>
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public class ProviderSwitchTests
{
    private const string Everyone = "00:00:00:00:00:00";

    [TestCase($"bridge fdb del {Everyone} dev vxlan101 dst 192.0.2.2", $"Create {Everyone} 192.0.2.2")]
    [TestCase("ip link del vxlan101", $"Create vxlan101, Create {Everyone} 192.0.2.2")]
    [TestCase("ip link set brvx-101 down", "Update brvx-101 up")]
    // Nothing reports this: only reading anew finds it.
    [TestCase("sysctl -q -w net.ipv6.conf.brvx-101.disable_ipv6=0", "Update brvx-101 disable_ipv6")]
    [MachineOnly]
    public void Provider_SwitchedOff_LeavesItsNetworksAlone_AndSwitchedOnAgainMendsWhatOthersChanged(string theirs, string mended)
    {
        using var hosts = TwoHosts.Create();
        using var agents = new TwoAgents(hosts);
        HostConfig On(Host host) => Config(
            CheckOnly("eth0"), Static(101, hosts.PeerOf(host).Ipv4), Static(102, "192.0.2.9"));
        agents.Apply(On);
        var (agent, host, on) = (agents.First, hosts.First.Namespace, On(hosts.First));
        var off = on with { Providers = [new ProviderSetting("linux-bridge", Enabled: false, Priority: null)] };
        var (left, _) = agents.AddGuests("net-101");
        left.WaitUntilReaches(RightAddress);
        var (before, writes) = (HostSnapshot.Of(host), agent.Writes);
        // The kernel gives a new device a new MAC.
        bool IsKept(string device) => !mended.StartsWith($"Create {device},", StringComparison.Ordinal);
        var kept = HostSnapshot.Of(host, IsKept);

        agent.Apply(off).MustBe(ChangeOutcome.Unchanged);

        Assert.That(agent.View.Providers.Single().State, Is.EqualTo(ProviderState.Disabled));
        agent.Resync().MustBe(ChangeOutcome.Unchanged);
        var refused = Expect.Undone(agent.Implement(Static(103, hosts.Second.Ipv4)), "NO_PROVIDER");
        Assert.That(refused.Message, Does.Contain("linux-bridge was switched off"));
        Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(before));
        Assert.That(left.Ping(RightAddress), Is.EqualTo(new Ping(3, 3)));

        host.Exec(theirs.Split(' '));
        var changed = HostSnapshot.Of(host);
        Assert.That(changed.DifferencesFrom(before), Is.Not.Empty);
        agent.Apply(off).MustBe(ChangeOutcome.Unchanged);
        Assert.That(HostSnapshot.Of(host), HostSnapshot.SameAs(changed));
        Assert.That(agent.Writes, Is.EqualTo(writes));

        var report = agent.Apply(on).MustBe(ChangeOutcome.Applied);

        Assert.That(string.Join(", ", report.Changes.Select(c => Words(c.Step))), Is.EqualTo(mended));
        Assert.That(agent.View.Providers.Single().State, Is.EqualTo(ProviderState.Ready));
        Unchanged.Since(kept, host, devices: IsKept);
        agent.MustBeSettled(on);
        agent.Resync().MustBe(ChangeOutcome.Unchanged);
        left.WaitUntilReaches(RightAddress);
    }

    private static string Words(PlanStep step) => step.Action == StepAction.Update
        ? $"Update {step.Subject.Name} {string.Join(' ', step.Attributes.Select(a => a.Name))}"
        : $"{step.Action} {step.Subject.Name}";
}
