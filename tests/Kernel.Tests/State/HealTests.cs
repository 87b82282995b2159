using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Fakes;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.State;

/// <summary>What others do to the agent's devices on a real kernel is seen, put right and told; what is not the agent's is left alone.</summary>
[TestFixture]
[MachineOnly, Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class HealTests
{
    private static readonly HostConfig Config = AgentHostScene.Config(
        AgentHostScene.CheckOnly("eth0"), TwoAgents.Static(101, "192.0.2.2"), TwoAgents.Multicast(102));

    [TestCase("link set brvx-101 mtu 1300", "brvx-101", DriftKind.Changed, "mtu 1500 1300")]
    [TestCase("link set brvx-101 down", "brvx-101", DriftKind.Changed, "up 1 0")]
    [TestCase("link set vxlan101 nomaster", "vxlan101", DriftKind.Changed, "master brvx-101")]
    [TestCase("link set brvx-102 type bridge stp_state 1", "brvx-102", DriftKind.Changed, "stp_state 0 1")]
    [TestCase("link set brvx-101 alias theirs", "brvx-101", DriftKind.Changed, "alias")]
    [TestCase("link del vxlan101", "vxlan101", DriftKind.Removed, "")]
    [TestCase("link del brvx-102", "brvx-102", DriftKind.Removed, "")]
    [TestCase("link set brvx-101 down name away", "brvx-101", DriftKind.Removed, "", Category = MachineOnlyAttribute.Name)]
    public void WhatOthersDo_IsPutRightAndTold(string command, string device, DriftKind kind, string attributes)
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config));

        hosts.First.Namespace.Ip(command);

        host.WaitUntil("told", _ => seen.Drifts.Any(d => d.Subject.Name == device));
        var drift = seen.Drifts.First(d => d.Subject.Name == device);
        Assert.That((drift.Kind, drift.Handling, drift.Source), Is.EqualTo((kind, DriftHandling.Healed, DriftSource.KernelEvent)), () => drift.Failure?.ToString() ?? "");
        Assert.That(string.Join(", ", drift.Attributes.Select(a => $"{a.Name} {a.Before} {a.After}")), Does.Contain(attributes));
        Assert.That(host.View.FindProblems(), Is.Empty);
        var writes = host.Writes;
        Expect.Unchanged(host.Resync());
        Assert.That(host.Writes, Is.EqualTo(writes), "and the kernel has it as the agent says");
    }

    [Test]
    public void EntryThatOthersTake_IsPutBack_AndOneThatTheyAddIsTaken()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config));
        var before = Shown.Entries(host.Host, "vxlan101");

        host.Host.Exec("bridge", "fdb", "del", "00:00:00:00:00:00", "dev", "vxlan101", "dst", "192.0.2.2");
        host.WaitUntil("told of the removal", _ => seen.Drifts.Any(d => d.Kind == DriftKind.Removed));
        Assert.That(Shown.Entries(host.Host, "vxlan101"), Is.EqualTo(before));

        host.Host.Exec("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", "vxlan101", "dst", "192.0.2.77");
        host.WaitUntil("told of the addition", _ => seen.Drifts.Any(d => d.Kind == DriftKind.Unexpected));
        Assert.That(Shown.Entries(host.Host, "vxlan101"), Is.EqualTo(before));
    }

    [Test]
    public void SettingThatOthersWrite_IsSeenAtOnceAndPutBack()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config with { Settings = new HostSettings { IpForward = true, IgmpMaxMemberships = 100 } }));

        host.Host.Exec("sysctl", "-w", "net.ipv4.ip_forward=0");

        host.WaitUntil("told", _ => !seen.Drifts.IsEmpty);
        var drift = seen.Drifts.Single();
        Assert.That((drift.Subject.Name, drift.Handling, drift.Source), Is.EqualTo(("net.ipv4.ip_forward", DriftHandling.Healed, DriftSource.KernelEvent)));
        Assert.That(host.Host.Exec("sysctl", "-n", "net.ipv4.ip_forward").Output.Trim(), Is.EqualTo("1"));

        // The same value again is no drift.
        host.Host.Exec("sysctl", "-w", "net.ipv4.igmp_max_memberships=100");
        host.Host.Ip("link add last type bridge");
        host.WaitUntil("seen", view => view.State.Find("last") is not null);
        Assert.That(seen.Drifts, Has.Count.EqualTo(1));
    }

    [Test]
    public void Ipv6_ThatOthersSwitchOnOnASegment_IsSwitchedOffAgain()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config));

        host.Host.Exec("sysctl", "-w", "net.ipv6.conf.vxlan101.disable_ipv6=0");

        host.WaitUntil("told", _ => seen.Drifts.Any(d => d.Subject.Name == "vxlan101"));
        Assert.That(host.Host.Exec("sysctl", "-n", "net.ipv6.conf.vxlan101.disable_ipv6").Output.Trim(), Is.EqualTo("1"));
    }

    [Test, MachineOnly]
    public void WhatOthersDoWhileSomethingElseIsHealed_IsHealedToo()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config));
        host.BeforeApply = () => hosts.First.Namespace.Ip("link set brvx-102 mtu 1300");

        hosts.First.Namespace.Ip("link set brvx-101 mtu 1300");

        // Its report comes with those of the agent's own writing, and nothing is reported after it.
        host.WaitUntil("told of both", _ => seen.Drifts.Any(d => d.Subject.Name == "brvx-102"));
        Assert.That(seen.Drifts.Select(d => (d.Subject.Name, d.Handling, d.Source)), Is.EqualTo([
            ("brvx-101", DriftHandling.Healed, DriftSource.KernelEvent), ("brvx-102", DriftHandling.Healed, DriftSource.KernelEvent)]));
    }

    [Test, MachineOnly]
    public void WhatIsNotTheAgents_MayChangeAsItLikes()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config));
        var writes = host.Writes;

        host.Host.Ip([
            "link add br-theirs type bridge", "link set br-theirs up mtu 1400", "address add 10.9.9.1/24 dev br-theirs",
            "route add 10.10.0.0/16 via 10.9.9.2", "link set br-theirs down", "link add last type bridge"]);
        host.WaitUntil("seen", view => view.State.Find("last") is not null);
        host.Host.Ip("link del br-theirs");
        host.WaitUntil("seen", view => view.State.Find("br-theirs") is null);

        Assert.That((host.Writes, seen.Drifts.Count), Is.EqualTo((writes, 0)));
    }

    [Test, MachineOnly]
    public async Task Traffic_OfAnUntouchedNetwork_LosesNothingWhileAnotherIsHealed()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var first = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        using var second = new AgentHostScene(hosts.Second.Namespace, hosts.Second.Name);
        Expect.Applied(first.Apply(Both(hosts.Second.Ipv4)));
        Expect.Applied(second.Apply(Both(hosts.First.Ipv4)));
        var left = hosts.First.AddGuest([$"{TwoAgents.LeftAddress}/24"], "brvx-102", 1500);
        hosts.Second.AddGuest([$"{TwoAgents.RightAddress}/24"], "brvx-102", 1500);
        using var ping = await SteadyPing.StartAsync(left.Namespace, TwoAgents.RightAddress);

        foreach (var command in new[] { "link del vxlan101", "link del brvx-101", "link set brvx-101 mtu 1300" })
        {
            var told = seen.Drifts.Count;
            first.Host.Ip(command);
            first.WaitUntil(command, view => seen.Drifts.Count > told && view.FindProblems().Count == 0);
        }

        Assert.That(await ping.LostAsync(), Is.Empty);

        static HostConfig Both(string peer) => AgentHostScene.Config(
            AgentHostScene.CheckOnly("eth0"), TwoAgents.Static(101, peer) with { GuestMtu = 1500 }, TwoAgents.Static(102, peer) with { GuestMtu = 1500 });
    }

    [Test, MachineOnly]
    public void ObserveMode_WritesNothing()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, observer: seen);
        Expect.Applied(host.Apply(Config));
        var writes = host.Writes;

        host.Host.Ip("link set brvx-101 mtu 1300");

        host.WaitUntil("told", view => view.Status.State == AgentState.Drifted);
        Assert.That((host.Writes, seen.Drifts.Single().Handling), Is.EqualTo((writes, DriftHandling.Observed)));
        host.Host.Ip("link set brvx-101 mtu 1500");
        host.WaitUntil("over", view => view.Status.State == AgentState.Serving);
    }

    [Test, MachineOnly]
    public void Fight_EndsInAFindingAndNotInAStorm()
    {
        using var hosts = TwoHosts.Create();
        var seen = new Recorder();
        using var host = new AgentHostScene(hosts.First.Namespace, drift: DriftMode.Heal, observer: seen);
        Expect.Applied(host.Apply(Config with { Drift = new DriftPolicy { MaxHealsPerMinute = 3 } }));

        for (var i = 0; i < 3; i++)
        {
            var told = seen.Drifts.Count;
            host.Host.Ip("link set brvx-101 mtu 1300");
            host.WaitUntil("healed", _ => seen.Drifts.Count > told);
        }

        host.WaitUntil("found", view => view.Findings.Count == 1);
        var writes = host.Writes;
        host.Host.Ip("link set brvx-101 mtu 1300");
        host.WaitUntil("left", view => view.Status.State == AgentState.Drifted);
        Assert.That((host.Writes, seen.Drifts.Last().Handling), Is.EqualTo((writes, DriftHandling.BackedOff)));

        // Others' drift is healed as ever.
        host.Host.Ip("link set brvx-102 mtu 1300");
        host.WaitUntil("healed", _ => seen.Drifts.Any(d => d.Subject.Name == "brvx-102" && d.Handling == DriftHandling.Healed));
    }

    private sealed class Recorder : SilentObserver
    {
        public ConcurrentQueue<Drift> Drifts { get; } = [];

        public override void Drifted(Drift drift) => Drifts.Enqueue(drift);
    }
}
