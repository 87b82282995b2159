using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning;

/// <summary>What is written so that ports are held to their rates, what is taken back, and what stays as it is.</summary>
internal sealed class ShapingPlannerTests
{
    private static readonly RateLimit Both = new(new Rate(10_000_000, null), new Rate(20_000_000, null));

    private static readonly TokenBucket ToGuest = ShapingDesign.Queue(Both.ToGuest!, 1500);

    private readonly MemoryHost _host = new();

    [SetUp]
    public void Begin() => _host.PutForeign(new Link { Index = 0, Name = "vnet0", Kind = LinkKind.Tun, Mtu = 1500, Up = true });

    [Test]
    public void ALimit_ByPolice_IsTwoSteps_AndAgainNone()
    {
        var desired = Of(Design(Both));
        Assert.That(Take(Desired.Nothing, desired), Is.EqualTo(new[] { "SetEgress vnet0", "SetIngress vnet0" }));
        Assert.That(Shaping("vnet0"), Is.EqualTo(new LinkShaping { Egress = ToGuest, Ingress = new PoliceIngress(ShapingDesign.Police(Both.FromGuest!)) }));
        Assert.That(Take(desired, desired), Is.Empty);
    }

    [Test]
    public void ALimit_ByRedirection_MakesTheDeviceBeforeAnythingLeadsToIt_AndTakesItAwayLast()
    {
        var desired = Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect });
        Assert.That(Take(Desired.Nothing, desired), Is.EqualTo(new[] { "CreateLink cbi-a", "SetEgress cbi-a", "SetEgress vnet0", "SetIngress vnet0" }));
        Assert.That(Shaping("vnet0").Ingress, Is.EqualTo(new RedirectIngress("cbi-a")));
        Assert.That(Shaping("cbi-a").Egress, Is.EqualTo(ShapingDesign.Queue(Both.FromGuest!, 1500)));
        Assert.That(Take(desired, desired), Is.Empty);
        Assert.That(Take(desired, Of()), Is.EqualTo(new[] { "SetEgress vnet0", "SetIngress vnet0", "DeleteLink cbi-a" }));
        Assert.That(_host.State.LinkCount, Is.EqualTo(1));
    }

    /// <summary>The kernel keeps the filter, tells nobody that it leads nowhere now, and does not turn to a new device of the name.</summary>
    [Test]
    public void ADevice_ThatSomebodyTookAway_IsMadeAndLedToAgain()
    {
        var desired = Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect });
        Take(Desired.Nothing, desired);
        _host.RemoveForeign("cbi-a");
        Assert.That(Take(desired, desired), Is.EqualTo(new[] { "CreateLink cbi-a", "SetEgress cbi-a", "SetIngress vnet0" }));
        Assert.That(Take(desired, desired), Is.Empty);
    }

    [Test]
    public void ALimit_ThatChanges_ChangesWhatIsThere()
    {
        var before = Of(Design(Both));
        Take(Desired.Nothing, before);
        var after = Of(Design(Both with { ToGuest = new Rate(30_000_000, null) }));
        var step = (SetEgress)Make(before, after).Steps.Single();
        Assert.That((step.Before, step.Bucket!.BytesPerSecond), Is.EqualTo((ToGuest, 3_750_000L)));
        Assert.That(step.Inverse.Single(), Is.EqualTo(new SetEgress(step.Subject, "vnet0", ToGuest, step.Bucket) { Attributes = step.Attributes.Select(a => new AttributeChange(a.Name, a.After, a.Before)).ToValueList() }));
    }

    [Test]
    public void EachStep_HasAWayBack()
    {
        var desired = Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect });
        var steps = Make(Desired.Nothing, desired).Steps;
        _host.Apply(steps);
        _host.Apply(steps.Reverse().SelectMany(s => s.Inverse));
        Assert.That((_host.State.LinkCount, Shaping("vnet0")), Is.EqualTo((1, LinkShaping.None)));

        _host.Apply(steps);
        var removal = Make(desired, Of()).Steps;
        _host.Apply(removal);
        _host.Apply(removal.Reverse().SelectMany(s => s.Inverse));
        Assert.That(Take(desired, desired), Is.Empty, "all is there again");
    }

    [TestCase(PortPresence.Waiting)]
    [TestCase(PortPresence.Detached)]
    [TestCase(PortPresence.Elsewhere)]
    public void ADevice_ThatIsNotInItsPlace_IsLeftAsItIs(PortPresence presence)
    {
        Assert.That(Take(Desired.Nothing, Of(Design(Both) with { Presence = presence })), Is.Empty);
        Take(Desired.Nothing, Of(Design(Both)));
        Assert.That(Take(Of(Design(Both)), Of(Design(Both) with { Presence = presence })), Is.Empty);
    }

    [Test]
    public void TheDevice_OfAPortThatWaits_Goes()
    {
        var here = Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect });
        Take(Desired.Nothing, here);
        _host.RemoveForeign("vnet0");
        Assert.That(Take(here, Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect, Presence = PortPresence.Waiting })), Is.EqualTo(new[] { "DeleteLink cbi-a" }));
    }

    private static IEnumerable<TestCaseData> Foreign { get; } =
    [
        new TestCaseData(new LinkShaping { ForeignEgress = "htb 7:" }, Both, "QDISC_EXISTS").SetArgDisplayNames("root"),
        new TestCaseData(new LinkShaping { ForeignIngress = "clsact ffff:" }, Both, "QDISC_EXISTS").SetArgDisplayNames("ingress"),
        new TestCaseData(new LinkShaping { ForeignIngress = "clsact ffff:" }, Both with { FromGuest = null }, null).SetArgDisplayNames("ingress, not asked for"),
        new TestCaseData(new LinkShaping { ForeignEgress = "htb 7:" }, Both with { ToGuest = null }, null).SetArgDisplayNames("root, not asked for"),
    ];

    [TestCaseSource(nameof(Foreign))]
    public void WhatOthersHave_IsRefused_WhereItIsInTheWay(LinkShaping there, RateLimit limit, string? reason)
    {
        _host.PutShaping("vnet0", there);
        var plan = Make(Desired.Nothing, Of(Design(limit)));
        Assert.That(plan.Failures.Select(f => (f.Reason, f.Subject.Id, f.Kind)), Is.EqualTo(reason is null ? [] : new[] { (reason, "a", FailureKind.FailedPrecondition) }));
        Assert.That(plan.Steps, Has.Count.EqualTo(reason is null ? 1 : 0));
        Assert.That(Make(Desired.Nothing, Of(Design(limit)), PlanScope.Everything with { Ports = ["another"] }).Failures, Is.Empty, "a change of another port");
        Assert.That(Make(Desired.Nothing, Of(Design(limit)), PlanScope.Everything with { Except = ImmutableHashSet.Create("a") }).Failures, Is.Empty, "left for a while");
    }

    [Test]
    public void ADevice_OfTheNameOfTheAgents_IsRefused()
    {
        _host.PutForeign(new Link { Index = 0, Name = "cbi-a", Kind = LinkKind.Ifb });
        Assert.That(Make(Desired.Nothing, Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect })).Failures.Single().Reason, Is.EqualTo("DEVICE_EXISTS"));
    }

    [Test]
    public void AKernel_ThatCannot_IsRefused() =>
        Assert.That(Make(Desired.Nothing, Of(Design(Both) with { ShapedBy = ShapingMeans.None })).Failures.Single().Reason, Is.EqualTo("SHAPING_NOT_SUPPORTED"));

    [Test]
    public void WhatAFormerLifeLeft_Goes_OnceSomebodySaidWhichPortsThereAre()
    {
        Take(Desired.Nothing, Of(Design(Both) with { ShapedBy = ShapingMeans.Redirect }));
        var undeclared = Desired.Nothing with { Undeclared = [ConfigSection.Ports] };
        Assert.That(Take(undeclared, undeclared), Is.Empty);
        var undesigned = Of(Design(Both));
        Assert.That(Take(Desired.Nothing, undesigned with { Ports = Desired.Nothing.Ports }), Is.Empty, "its network is not worked out");
        Assert.That(Take(Desired.Nothing, Desired.Nothing), Is.EqualTo(new[] { "SetEgress vnet0", "SetIngress vnet0", "DeleteLink cbi-a" }));
    }

    [Test]
    public void WhatOthersHaveBeside_StaysWhenTheLimitGoes()
    {
        var desired = Of(Design(Both));
        _host.PutShaping("vnet0", new LinkShaping { ForeignEgress = "htb 7:", Ingress = new PoliceIngress(ShapingDesign.Police(Both.FromGuest!)), SharesIngress = true });
        Assert.That(Take(desired, Of()), Is.EqualTo(new[] { "SetIngress vnet0" }));
        Assert.That(Shaping("vnet0").ForeignEgress, Is.EqualTo("htb 7:"));
    }

    private LinkShaping Shaping(string link) => _host.State.Shaping(_host.State.Find(link)!.Index);

    private static PortDesign Design(RateLimit limit) => new(
        new Port { NicId = "a", Network = "n", Mac = MacAddress.Parse("02:00:4c:00:00:05"), RateLimit = limit }, "br", "vnet0", 1500, PortPresence.Attached)
    {
        ShapedBy = ShapingMeans.Police,
    };

    private static Desired Of(params IEnumerable<PortDesign> ports) => Desired.Nothing with
    {
        Config = HostConfig.Empty with { Ports = HostConfig.Empty.Ports.AddRange(ports.Select(p => KeyValuePair.Create(p.Port.NicId, p.Port))) },
        Ports = ports.ToImmutableDictionary(p => p.Port.NicId, StringComparer.Ordinal),
    };

    private Plan Make(Desired before, Desired after, PlanScope? scope = null) => Planner.Make(before, after, _host.State, scope ?? PlanScope.Everything, allowDisruption: false);

    /// <summary>Plans, and has the host take it.</summary>
    private List<string> Take(Desired before, Desired after)
    {
        var plan = Make(before, after);
        Assert.That(plan.Failures, Is.Empty);
        _host.Apply(plan.Steps);
        return [.. plan.Steps.Select(s => $"{s.GetType().Name} {s.Subject.Name}")];
    }
}
