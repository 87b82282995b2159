using System.Net;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>The agent's lives on a real kernel: the next one goes on where the last one stopped.</summary>
[TestFixture]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class ResumeTests
{
    [Test, MachineOnly]
    public async Task Restart_WithNothingToDo_WritesNothingAndNoPingIsLost()
    {
        using var hosts = TwoHosts.Create();
        var config = AgentHostScene.Config(
            AgentHostScene.Manage("cloudbr0"),
            TwoAgents.Static(101, "192.0.2.2") with { PhysicalNetwork = "cloudbr0" },
            TwoAgents.Multicast(102) with { PhysicalNetwork = "cloudbr0" }) with
        {
            Settings = new HostSettings { IpForward = true },
            ControlNetwork = new ControlNetwork("cloud0", Core.Model.IpPrefix.Parse("169.254.0.1/16"), null),
        };
        var journal = new MemoryJournal();
        using (var first = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, journal: journal))
        {
            Expect.Applied(first.Apply(config));
        }

        using var ping = await SteadyPing.StartAsync(hosts.Second.Namespace, hosts.First.Ipv4);
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var seen = new Recorder();
        using var second = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, journal: journal, observer: seen);
        var resumption = await seen.Resumption;

        Assert.That((resumption.Generation, resumption.Steps, second.Writes), Is.EqualTo((1ul, 0, 0L)));
        Unchanged.Since(before, hosts.First.Namespace);
        Assert.That(second.View.Desired.Config, Is.EqualTo(config));
        Assert.That(await ping.LostAsync(), Is.Empty);
        Expect.Unchanged(second.Apply(config));
    }

    [Test, MachineOnly]
    public async Task Restart_AfterAReboot_MakesEverythingAgain()
    {
        var config = AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), TwoAgents.Static(101, "192.0.2.2"), TwoAgents.Multicast(102));
        var journal = new MemoryJournal();
        using (var before = TwoHosts.Create())
        using (var first = new AgentHostScene(before.First.Namespace, drift: DriftMode.Heal, journal: journal))
        {
            Expect.Applied(first.Apply(config));
        }

        using var after = TwoHosts.Create();
        var seen = new Recorder();
        using var second = new AgentHostScene(after.First.Namespace, drift: DriftMode.Heal, journal: journal, observer: seen);
        await seen.Resumption;

        Assert.That(second.View.FindProblems(), Is.Empty);
        Assert.That(Shown.Entries(after.First.Namespace, "vxlan101"), Is.Not.Empty);
        Expect.Unchanged(second.Resync());
    }

    [Test]
    public void UplinkChangeThatCutsManagementOff_ComesBackByItself()
    {
        using var hosts = TwoHosts.Create();
        RichHost.AddAddressesAndRoutes(hosts.First.Namespace);
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal);
        var good = AgentHostScene.Config(AgentHostScene.Manage("cloudbr0"));
        Expect.Applied(host.Apply(good));
        using var connection = SteadyConnection.Open(hosts.First.Namespace, hosts.Second.Namespace, IPAddress.Parse(hosts.Second.Ipv4));

        // Somebody names the wrong uplink: the addresses go where the management server is not.
        hosts.First.Namespace.Ip("link add name eth7 type veth peer name nowhere");
        var report = host.Change(
            new ReplaceConfig(AgentHostScene.Config(AgentHostScene.Manage("cloudbr0", uplink: "eth7")), ReplaceConfig.AllSections),
            allowDisruption: true,
            confirmWithin: TimeSpan.FromSeconds(1));
        Expect.Outcome(report, ChangeOutcome.AwaitingConfirm);
        Assert.That(host.View.State.Find("eth0")!.Master, Is.Zero, "cut off");

        host.WaitUntil("the way back", view => view is { Generation: 3, InForce.Pending: null });

        Assert.That(host.View.State.NameOf(host.View.State.Find("eth0")!.Master), Is.EqualTo("cloudbr0"));
        connection.WaitForMore();
        Assert.That(Ping.From(hosts.Second.Namespace, hosts.First.Ipv4), Is.EqualTo(new Ping(3, 3)));
    }

    private sealed class Recorder : SilentObserver
    {
        private readonly TaskCompletionSource<Resumption> _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Resumption> Resumption => _resumed.Task;

        public override void Resumed(Resumption resumption) => _resumed.TrySetResult(resumption);
    }
}
