using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Testing.Kernel;

namespace Cloudbr.Agent.Kernel.Tests.Links;

/// <summary>A change that would interrupt guests is made only by who says that it may.</summary>
[TestFixture, MachineOnly]
[Needs(Feature.Veth, Feature.Bridge, Feature.Vxlan)]
public sealed class DisruptionTests
{
    [TestCase(false)]
    [TestCase(true, Category = MachineOnlyAttribute.Name)]
    public void Tunnel_ThatWouldHaveToBeMadeAnew_IsRefusedNamingThePortsUnlessAllowed(bool byItself)
    {
        using var hosts = TwoHosts.Create();
        using var first = new AgentHostScene(hosts.First.Namespace, "kvm-01");
        using var second = new AgentHostScene(hosts.Second.Namespace, "kvm-02");
        AgentHostScene[] both = [first, second];
        foreach (var host in both)
        {
            Expect.Applied(Put(host, 4789, byItself, allowDisruption: false));
        }

        var guest = hosts.First.AddGuest(["10.0.0.1/24"], "brvx-101");
        hosts.Second.AddGuest(["10.0.0.2/24"], "brvx-101");
        guest.WaitUntilReaches("10.0.0.2");
        RichHost.Settle(hosts.First.Namespace, "brvx-101");
        first.WaitUntil("the guest", view => view.State.Find("vnet0") is { Master: > 0 });
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var writes = first.Writes;

        var failure = Expect.Undone(Put(first, 4790, byItself, allowDisruption: false), "DISRUPTION_NOT_ALLOWED");

        Assert.That(failure.Message, Does.Contain("vxlan101").And.Contain("dstport is 4789 and should be 4790").And.Contain("vnet0"));
        Assert.That(failure.Remedy, Does.Contain("allow_disruption"));
        Assert.That(first.Writes, Is.EqualTo(writes));
        Unchanged.Since(before, hosts.First.Namespace);

        var report = Put(first, 4790, byItself, allowDisruption: true);
        Expect.Applied(report);
        Assert.That(report.Changes.Where(c => c.Step.Disruptive).Select(c => c.Step.Subject.Name).Distinct(), Is.EqualTo(["vxlan101"]));
        Expect.Applied(Put(second, 4790, byItself, allowDisruption: true));
        guest.WaitUntilReaches("10.0.0.2");
        Expect.Unchanged(Put(first, 4790, byItself, allowDisruption: false));
    }

    [Test]
    [MachineOnly]
    public void Network_WithGuests_IsNotRemovedUnlessAllowed()
    {
        using var hosts = TwoHosts.Create();
        using var host = new AgentHostScene(hosts.First.Namespace);
        Expect.Applied(Put(host, 4789, byItself: true, allowDisruption: false));
        hosts.First.AddGuest(["10.0.0.1/24"], "brvx-101");
        RichHost.Settle(hosts.First.Namespace, "brvx-101");
        var before = HostSnapshot.Of(hosts.First.Namespace);
        var writes = host.Writes;

        Assert.That(Expect.Undone(host.Shutdown("net-101"), "DISRUPTION_NOT_ALLOWED").Message, Does.Contain("brvx-101").Or.Contain("vxlan101").And.Contain("vnet0"));
        Assert.That(host.Writes, Is.EqualTo(writes));
        Unchanged.Since(before, hosts.First.Namespace);

        Expect.Applied(host.Shutdown("net-101", allowDisruption: true));
        Assert.That(host.View.State.Find("brvx-101"), Is.Null);
        Assert.That(host.View.State.Find("vnet0"), Has.Property("Master").Zero);
    }

    [Test]
    public async Task Changes_InPlace_NeedNoLeaveAndGuestsNoticeNothing()
    {
        using var hosts = TwoHosts.Create(mtu: 1600);
        using var first = new AgentHostScene(hosts.First.Namespace, "kvm-01");
        using var second = new AgentHostScene(hosts.Second.Namespace, "kvm-02");
        Expect.Applied(Put(first, 4789, byItself: false, allowDisruption: false));
        Expect.Applied(Put(second, 4789, byItself: false, allowDisruption: false));
        var guest = hosts.First.AddGuest(["10.0.0.1/24"], "brvx-101");
        hosts.Second.AddGuest(["10.0.0.2/24"], "brvx-101");
        using var ping = await SteadyPing.StartAsync(guest.Namespace, "10.0.0.2");
        var vxlan = new VxlanIsolation(101, 4789, null, new VxlanMulticast(null), 20);

        foreach (var changed in new Network[]
        {
            Network(4789) with { GuestMtu = 1550 },
            Network(4789) with { GuestMtu = 1400 },
            Network(4789) with { Isolation = vxlan },
            Network(4789) with { Bridge = new BridgeOptions { AgeingMs = 10_000, MulticastSnooping = true } },
        })
        {
            Expect.AppliedForGood(first, () => first.Implement(changed));
        }

        Assert.That(await ping.LostAsync(), Is.Empty);
    }

    private static ChangeReport Put(AgentHostScene host, int port, bool byItself, bool allowDisruption)
    {
        if (!byItself || host.View.Generation == 0)
        {
            return host.Apply(AgentHostScene.Config(AgentHostScene.CheckOnly("eth0"), Network(port)), allowDisruption);
        }

        return host.Implement(Network(port), allowDisruption);
    }

    private static Network Network(int port) => AgentHostScene.Vxlan(101, new VxlanMulticast(null)) with
    {
        Isolation = new VxlanIsolation(101, port, null, new VxlanMulticast(null), null),
    };
}
