using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>What a hypervisor does with a port's device is followed, told as a move, and is nobody's fault.</summary>
internal sealed class PortFollowTests : LoopFixture
{
    private static readonly TimeSpan Write = TimeSpan.FromMilliseconds(3);

    private static readonly Port Guest = new() { NicId = "nic-1", Network = "n1", Mac = MacAddress.Parse("02:00:4c:00:00:05") };

    private static readonly RateLimit Limit = new(new Rate(10_000_000, null), new Rate(20_000_000, null));

    protected override DriftPolicy Policy => DriftPolicy.Default;

    private Ruleset Filter => Kernel.Host.State.Filter;

    [SetUp]
    public void Begin()
    {
        var config = Config(1, 2);
        Apply(config with { Networks = config.Networks.SetItem("n1", Vxlan(1) with { Security = new NetworkSecurity(default(ValueList<int>)) }) });
        Change(new PutPort(Guest, []));
        Kernel.Meddle = () => Clock.Advance(Write);
    }

    [Test]
    public void Device_ThatComesMovesAndGoes_IsFollowedAndToldEachTime()
    {
        Plug("brvx-1");
        Assert.That(Filter.Tables[TableId.Filter4].Chains.Values.SelectMany(c => c.Rules), Has.Some.Contains("vnet3"), "where it is, its rules hold");
        Plug("brvx-2");
        Plug("");
        Meanwhile(() => Kernel.Host.RemoveForeign("vnet3"));
        Pass(TimeSpan.Zero);

        Assert.That(Seen.Moves.Select(m => (m.Before.Presence, m.Now.Presence, m.Now.DeviceHere)), Is.EqualTo(new[]
        {
            (PortPresence.Waiting, PortPresence.Attached, "vnet3"),
            (PortPresence.Attached, PortPresence.Elsewhere, "vnet3"),
            (PortPresence.Elsewhere, PortPresence.Detached, "vnet3"),
            (PortPresence.Detached, PortPresence.Waiting, ""),
        }));
        Assert.That(Seen.Moves.Select(m => m.Followed), Is.All.EqualTo(Write), "from the kernel's report until it was read back");
        Assert.That(Filter.Tables[TableId.Filter4].Chains.Values.SelectMany(c => c.Rules), Has.None.Contains("vnet3"));
        Assert.That((Seen.Drifts, Seen.Findings, Loop.View.FindProblems().Count), Is.EqualTo((Array.Empty<Drift>(), Array.Empty<Finding>(), 0)));
    }

    [Test]
    public void Device_ThatIsPluggedAgainAndAgain_IsNoFight()
    {
        for (var i = 0; i <= Policy.MaxHealsPerMinute; i++)
        {
            Plug("brvx-1");
            Plug("brvx-2");
        }

        Assert.That((Seen.Findings.Count, Loop.View.Drifts.Count), Is.EqualTo((0, 0)));
        Assert.That(Seen.Moves, Has.Count.EqualTo(2 * (Policy.MaxHealsPerMinute + 1)));
    }

    [Test]
    public void Device_ThatWasNamed_FindsItsRulesInPlace()
    {
        Change(new PutPort(Guest with { Device = "vnet3" }, []));
        var writes = Kernel.Host.Writes;

        Plug("brvx-1");

        Assert.That((Seen.Moves.Single().Now.Presence, Seen.Moves.Single().Followed), Is.EqualTo((PortPresence.Attached, (TimeSpan?)null)), "there was nothing to do");
        Assert.That(Kernel.Host.Writes - writes, Is.EqualTo(1), "that of the hypervisor");
    }

    /// <summary>The hypervisor knows nothing of isolation: the device comes without it, and gets it. Who takes it away is another matter.</summary>
    [Test]
    public void Device_OfAnIsolatedPort_IsIsolatedWithoutAFuss_AndKeptSo()
    {
        Change(new PutPort(Guest with { IsIsolated = true }, []));
        Plug("brvx-1");
        Assert.That(Kernel.Host.State.Find("vnet3")!.Port!.Isolated);
        Assert.That((Seen.Drifts.Count, Seen.Moves.Single().Followed is not null), Is.EqualTo((0, true)));

        var loose = Kernel.Host.State.Find("vnet3")!.Port! with { Isolated = false };
        Meanwhile(() => Kernel.Host.Apply(
            new ChangeLink(ObjectRef.Link("vnet3"), StepAction.Update, "vnet3", LinkKind.Tun, new LinkChange { Port = loose }, new LinkChange())));
        Pass(TimeSpan.Zero);
        Assert.That(Kernel.Host.State.Find("vnet3")!.Port!.Isolated);
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Id, d.Handling)), Has.Some.EqualTo(("nic-1", DriftHandling.Healed)));
        Assert.That(Seen.Moves, Has.Count.EqualTo(1));
    }

    [Test]
    public void Device_OfALimitedPort_IsHeldToItsRateWithoutAFuss_AndKeptSo()
    {
        Change(new PutPort(Guest with { RateLimit = Limit }, []));
        Plug("brvx-1");
        var wanted = Shaping("vnet3");
        Assert.That((wanted.Egress!.BytesPerSecond, wanted.Ingress), Is.EqualTo((1_250_000L, new RedirectIngress("cbi-nic-1"))));
        Assert.That((Seen.Drifts.Count, Seen.Moves.Single().Followed is not null), Is.EqualTo((0, true)));

        Meanwhile(() => Kernel.Host.PutShaping("vnet3", LinkShaping.None));
        Pass(TimeSpan.Zero);
        Assert.That(Shaping("vnet3"), Is.EqualTo(wanted));
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Id, d.Kind, d.Handling)), Is.EqualTo(new[] { ("nic-1", DriftKind.Changed, DriftHandling.Healed) }));
        Assert.That(Seen.Drifts.Single().Attributes.Select(a => (a.Name, a.After)), Is.EqualTo(new[] { ("egress", (string?)null), ("ingress", null) }));

        Meanwhile(() => Kernel.Host.RemoveForeign("vnet3"));
        Pass(TimeSpan.Zero);
        Assert.That(Kernel.Host.State.Find("cbi-nic-1"), Is.Null);
        Assert.That(Seen.Drifts, Has.Count.EqualTo(1));
    }

    /// <summary>One of them has somebody else's queue by the time that it is written: the other one does not suffer.</summary>
    [Test]
    public async Task Limits_ThatArePreparedTogether_FailAlone()
    {
        Meanwhile(() =>
        {
            PutTap("brvx-1");
            PutTap("brvx-1", mac: "fe:00:4c:00:00:06", name: "vnet4");
        });
        Pass(TimeSpan.Zero);
        Kernel.OnApply = (steps, take) =>
        {
            Kernel.Host.PutShaping("vnet3", new LinkShaping { ForeignEgress = "htb 7:" });
            return take(steps);
        };
        var other = Guest with { NicId = "nic-2", Mac = MacAddress.Parse("02:00:4c:00:00:06"), RateLimit = Limit };

        var reports = await Together([new PutPort(Guest with { RateLimit = Limit }, []), new PutPort(other, [])]);

        Assert.That(reports.Select(r => r.Outcome), Is.EqualTo(new[] { ChangeOutcome.FailedUndone, ChangeOutcome.Applied }));
        Assert.That((Shaping("vnet3"), Shaping("vnet4").Egress is null), Is.EqualTo((new LinkShaping { ForeignEgress = "htb 7:" }, false)));
        Kernel.OnApply = null;
        Assert.That(Change(new PutPort(other with { RateLimit = null }, [])).Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That((Shaping("vnet4"), Kernel.Host.State.Find("cbi-nic-2")), Is.EqualTo((LinkShaping.None, (Link?)null)));
    }

    [Test]
    public void Device_OfSomebodyElse_MovesNoPort()
    {
        Meanwhile(() => Kernel.Host.PutForeign(new Link { Index = 50, Name = "tap0", Kind = LinkKind.Tun, Mac = MacAddress.Parse("fe:00:4c:00:00:99") }));
        Pass(TimeSpan.Zero);
        Assert.That(Seen.Moves, Is.Empty);
    }

    /// <summary>Then it cannot be told apart from the move, and is not passed over.</summary>
    [Test]
    public void Rules_ThatSomebodyWipedMeanwhile_AreDrift()
    {
        Meanwhile(() =>
        {
            Kernel.Host.PutFilter(Ruleset.Empty);
            PutTap("brvx-1");
        });
        Pass(TimeSpan.Zero);

        Assert.That(Seen.Drifts.Select(d => (d.Subject, d.Handling)), Does.Contain((ObjectRef.Port("nic-1"), DriftHandling.Healed)));
        Assert.That((Seen.Moves.Single().Now.Presence, Seen.Moves.Single().Followed), Is.EqualTo((PortPresence.Attached, (TimeSpan?)null)));
        Assert.That(Loop.View.FindProblems(), Is.Empty);
    }

    /// <summary>A change may be the first to see it.</summary>
    [Test]
    public void Device_ThatAResyncFinds_IsTold()
    {
        Kernel.IsMute = true;
        Meanwhile(() => PutTap("brvx-1"));
        Change(new Resync());
        Assert.That(Seen.Moves.Select(m => m.Now.Presence), Is.EqualTo(new[] { PortPresence.Attached }));
    }

    [Test]
    public void Prepare_AndRelease_AreNoMoves()
    {
        Meanwhile(() => PutTap("brvx-1", mac: "fe:00:4c:00:00:06", name: "vnet4"));
        Change(new PutPort(Guest with { NicId = "nic-2", Mac = MacAddress.Parse("02:00:4c:00:00:06") }, []));
        Assert.That(Loop.View.Desired.Ports["nic-2"].Presence, Is.EqualTo(PortPresence.Attached));
        Change(new PutPort(Guest with { NicId = "nic-2", Mac = MacAddress.Parse("02:00:4c:00:00:06"), DisplayName = "another" }, []));
        Change(new RemovePort("nic-2"));
        Assert.That(Seen.Moves, Is.Empty);
    }

    private LinkShaping Shaping(string link) => Kernel.Host.State.Shaping(Kernel.Host.State.Find(link)!.Index);

    /// <summary>The hypervisor's doing, and the loop's round after it.</summary>
    private void Plug(string bridge)
    {
        Meanwhile(() => PutTap(bridge));
        Pass(TimeSpan.Zero);
    }

    private void PutTap(string bridge, string mac = "fe:00:4c:00:00:05", string name = "vnet3")
    {
        var host = Kernel.Host;
        if (host.State.Find(name) is null)
        {
            host.PutForeign(new Link { Index = 0, Name = name, Kind = LinkKind.Tun, Mac = MacAddress.Parse(mac), Mtu = 1500, Up = true });
        }

        host.Apply(new ChangeLink(ObjectRef.Link(name), StepAction.Update, name, LinkKind.Tun, new LinkChange { Master = bridge }, new LinkChange()));
    }
}
