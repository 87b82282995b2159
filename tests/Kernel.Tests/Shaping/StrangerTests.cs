using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Dataplane.Probing;
using Cloudbr.Agent.Kernel.Tests.Links;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Shaping;

/// <summary>Rate limits beside what others do, and between lives: the same by whatever means ports are held to a rate.</summary>
[MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan, Feature.Tbf)]
internal sealed class StrangerTests() : RateLimitScene(null)
{
    /// <summary>As a hypervisor makes it: with several queues of its own, each of them a discipline that the kernel gave it.</summary>
    [Test, Needs(Feature.Tun)]
    public void ATap_GetsItsOwnQueuesBack()
    {
        using var agent = Start();
        Host.Namespace.Ip("tuntap add dev vnet0 mode tap multi_queue", "link set vnet0 address fe:00:4c:00:00:05 up");
        Host.Namespace.Ip($"link set vnet0 master {Bridge}");
        var before = Shown();
        agent.WaitUntil("there", v => v.State.Find("vnet0") is { Master: not 0 });
        Expect.Applied(agent.Prepare(Limited));
        Assert.That(Root("vnet0"), Is.EqualTo(("tbf", "cb01:", 1_250_000L)));
        Expect.Applied(agent.Release(Limited.NicId));
        Assert.That(Shown(), Is.EqualTo(before));
    }

    [TestCase("qdisc add dev vnet0 root handle 7: tbf rate 1gbit burst 100k limit 100k", "tbf 7:")]
    [TestCase("qdisc add dev vnet0 clsact", "clsact ffff:")]
    [TestCase("qdisc add dev vnet0 ingress;filter add dev vnet0 parent ffff: protocol all prio 5 u32 match u32 0 0 flowid 1:1", "ingress ffff:")]
    public void WhatOthersHaveThere_IsLeftAlone_AndThePortRefused(string commands, string found)
    {
        using var agent = Start();
        AddGuest();
        foreach (var command in commands.Split(';'))
        {
            Tc(command);
        }

        var before = Shown();
        var writes = agent.Writes;

        var failure = Expect.Undone(agent.Prepare(Limited), "QDISC_EXISTS");

        Assert.That(failure.Message, Does.Contain(Guest.Device).And.Contain(found));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That((Shown(), agent.Writes), Is.EqualTo((before, writes)));
        Expect.Unchanged(agent.Prepare(Limited with { NicId = "nic-b", Mac = MacAddress.Parse("02:00:4c:00:00:07") }));
    }

    [Test]
    public void ADevice_ThatComesWithSomebodyElsesQueue_IsToldOf_AndHoldsNobodyElseUp()
    {
        using var agent = Start();
        Expect.Unchanged(agent.Prepare(Limited));
        Guest = Host.AddGuest(["10.1.0.5/24"], null, 1400, "02:00:4c:00:00:05");
        Tc($"qdisc add dev {Guest.Device} root handle 7: htb");
        Guest.AttachTo(Bridge);
        agent.WaitUntil("told", v => v.Status.State == AgentState.Degraded);
        Assert.That(Seen.Drifts.Single(d => d.Subject.Id == Limited.NicId).Failure!.Reason, Is.EqualTo("QDISC_EXISTS"));

        var other = Limited with { NicId = "nic-b", Mac = MacAddress.Parse("02:00:4c:00:00:07") };
        using var peer = Host.AddGuest(["10.1.0.6/24"], Bridge, 1400, "02:00:4c:00:00:07");
        Expect.Applied(agent.Prepare(other));
        Assert.That(agent.View.State.Shaping(agent.View.State.Find(peer.Device)!.Index).Egress, Is.Not.Null);
        Expect.Undone(agent.Prepare(Limited), "QDISC_EXISTS");

        Tc($"qdisc del dev {Guest.Device} root");
        agent.WaitUntil("limited", v => IsAsDesired(v.State));
    }

    [Test]
    public void WhatAFormerLifeLeft_GoesOnceItIsKnownThatNobodyWantsIt()
    {
        AddGuestDevice(null);
        string before;
        using (var first = Start())
        {
            Guest.AttachTo(Bridge);
            before = Shown();
            Expect.Applied(first.Prepare(Limited));
        }

        var limited = Shown();
        using var second = new AgentHostScene(Host.Namespace, drift: DriftMode.Heal, shapedBy: Means);
        Expect.Unchanged(second.Resync());
        Assert.That(Shown(), Is.EqualTo(limited), "nobody has said yet which ports there are");
        Expect.Applied(second.Apply(Config));
        Assert.That(Shown(), Is.EqualTo(before));
    }

    [Test]
    public void ARefusedStep_LeavesTheDeviceAsItWas()
    {
        using var agent = Start();
        AddGuest();
        var before = Shown();
        var steps = agent.Change(new PutPort(Limited, []), dryRun: true).Changes.Count;
        Assert.That(steps, Is.EqualTo(NetworkProbe.Run("kvm-01")[0].Description.ShapedBy == ShapingMeans.Redirect ? 4 : 2));
        for (var i = 0; i < steps; i++)
        {
            agent.RefuseStep = i;
            Expect.Outcome(agent.Prepare(Limited), ChangeOutcome.FailedUndone);
            Assert.That(Shown(), Is.EqualTo(before), $"step {i}");
        }

        agent.RefuseStep = null;
        Expect.Applied(agent.Prepare(Limited));
    }
}
