using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>What somebody else changes is put right, told once, and not fought over.</summary>
internal sealed class DriftTests : LoopFixture
{
    protected override DriftPolicy Policy => DriftPolicy.Default;

    [SetUp]
    public void Begin() => Apply(Config(1, 2));

    [Test]
    public void ChangedAttribute_IsPutBackAndToldFromWhatToWhat()
    {
        Meanwhile(() => SetMtu("brvx-1", 1400));
        Pass(TimeSpan.Zero);

        Assert.That(Kernel.Host.State.Find("brvx-1")!.Mtu, Is.EqualTo(1500));
        var drift = Seen.Drifts.Single();
        Assert.That((drift.Subject, drift.Kind, drift.Handling, drift.Source), Is.EqualTo((ObjectRef.Link("brvx-1", "n1"), DriftKind.Changed, DriftHandling.Healed, DriftSource.KernelEvent)));
        Assert.That(drift.Attributes, Is.EqualTo(new ValueList<AttributeChange>([new AttributeChange("mtu", "1500", "1400")])));
        Assert.That(drift.HealDuration, Is.Not.Null);
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Serving));
    }

    [Test]
    public void RemovedDevice_IsMadeAgain()
    {
        Meanwhile(() => Kernel.Host.RemoveForeign("vxlan2"));
        Pass(TimeSpan.Zero);

        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Name, d.Kind)), Does.Contain(("vxlan2", DriftKind.Removed)));
    }

    [Test]
    public void ObserveMode_OnlyReportsAndOnce()
    {
        Apply(Config(1, 2) with { Drift = new DriftPolicy { Mode = DriftMode.Observe } });
        var writes = Kernel.Host.Writes;

        Meanwhile(() => SetMtu("brvx-1", 1400));
        Pass(TimeSpan.Zero);
        Pass(TimeSpan.FromMinutes(3));

        Assert.That(Kernel.Host.Writes - writes, Is.EqualTo(1), "that of the stranger");
        Assert.That(Seen.Drifts.Select(d => d.Handling), Is.EqualTo([DriftHandling.Observed]));
        Assert.That((Loop.View.Status.State, Loop.View.Status.DriftedObjects, Loop.View.Status.Mode), Is.EqualTo((AgentState.Drifted, 1, OperatingMode.Observe)));

        Meanwhile(() => SetMtu("brvx-1", 1500));
        Pass(TimeSpan.Zero);

        Assert.That((Loop.View.Status.State, Loop.View.Status.DriftedObjects), Is.EqualTo((AgentState.Serving, 0)));
    }

    [Test]
    public void Fight_IsLeftForAWhileAndNamed_AndForgottenWhenItIsOver()
    {
        for (var i = 0; i < 5; i++)
        {
            Meanwhile(() => SetMtu("brvx-1", 1400));
            Pass(TimeSpan.FromSeconds(1));
        }

        var finding = Seen.Findings.Single();
        Assert.That((finding.Code, finding.Subject.Name, finding.IsOpen), Is.EqualTo(("OTHER_MANAGER", "brvx-1", true)));
        Assert.That(finding.Message, Does.Contain("NetworkManager"));
        Assert.That((finding.Label, finding.Affected.Single(), Seen.Drifts[^1].Label), Is.EqualTo(("eth0", ObjectRef.Network("n1"), "eth0")));

        Meanwhile(() => SetMtu("brvx-1", 1400));
        Pass(TimeSpan.FromSeconds(1));
        Assert.That((Kernel.Host.State.Find("brvx-1")!.Mtu, Seen.Drifts[^1].Handling), Is.EqualTo((1400, DriftHandling.BackedOff)));
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Drifted));

        // Another network's drift is healed meanwhile.
        Meanwhile(() => SetMtu("brvx-2", 1400));
        Pass(TimeSpan.FromSeconds(1));
        Assert.That(Kernel.Host.State.Find("brvx-2")!.Mtu, Is.EqualTo(1500));
        Assert.That(Kernel.Host.State.Find("brvx-1")!.Mtu, Is.EqualTo(1400));

        Pass(TimeSpan.FromSeconds(30));
        Assert.That(Kernel.Host.State.Find("brvx-1")!.Mtu, Is.EqualTo(1500));
        Assert.That(Loop.View.Findings, Has.Count.EqualTo(1));

        Pass(TimeSpan.FromMinutes(2));
        Assert.That(Loop.View.Findings, Is.Empty);
        Assert.That(Seen.Findings[^1].IsOpen, Is.False);
    }

    [Test]
    public void WhatCannotBeHealed_IsToldAndDoesNotKeepTheRestFromBeingHealed()
    {
        Kernel.OnApply = (steps, take) =>
        {
            var at = steps.ToList().FindIndex(s => s.Subject.Id == "n1");
            if (at < 0)
            {
                return take(steps);
            }

            var outcomes = new StepOutcome[steps.Count];
            take([.. steps.Take(at)]).CopyTo(outcomes, 0);
            outcomes[at] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[at].Subject, "not that"));
            return outcomes;
        };
        Meanwhile(() =>
        {
            SetMtu("brvx-1", 1400);
            SetMtu("brvx-2", 1400);
        });
        Pass(TimeSpan.Zero);

        Assert.That((Kernel.Host.State.Find("brvx-1")!.Mtu, Kernel.Host.State.Find("brvx-2")!.Mtu), Is.EqualTo((1400, 1500)));
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Name, d.Handling, d.Failure?.Message)), Is.EquivalentTo(new[]
        {
            ("brvx-1", DriftHandling.Failed, "not that"), ("brvx-2", DriftHandling.Healed, (string?)null),
        }));
        Assert.That(Loop.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.HealFailed]));

        Kernel.OnApply = null;
        Pass(TimeSpan.FromSeconds(1));

        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Serving));
    }

    [Test]
    public void StrangersDeviceInOurPlace_IsToldAndLeftAlone()
    {
        Meanwhile(() =>
        {
            Kernel.Host.RemoveForeign("vxlan1");
            Kernel.Host.PutForeign(new Link { Index = 9, Name = "vxlan1", Kind = "dummy", Alias = "somebody's", Mtu = 1500 });
            SetMtu("brvx-2", 1400);
        });
        Pass(TimeSpan.Zero);

        Assert.That(Kernel.Host.State.Find("vxlan1")!.Alias, Is.EqualTo("somebody's"));
        Assert.That(Kernel.Host.State.Find("brvx-2")!.Mtu, Is.EqualTo(1500));
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Degraded));
    }

    [Test]
    public void Audit_FindsWhatNoReportTold()
    {
        Kernel.IsMute = true;
        Meanwhile(() => SetMtu("brvx-1", 1400));
        Pass(TimeSpan.Zero);
        Assert.That(Kernel.Host.State.Find("brvx-1")!.Mtu, Is.EqualTo(1400));

        Pass(TimeSpan.FromSeconds(67));

        Assert.That((Kernel.Host.State.Find("brvx-1")!.Mtu, Seen.Drifts[^1].Source), Is.EqualTo((1500, DriftSource.Audit)));
    }

    [Test]
    public void Resync_TellsWhatItHealed()
    {
        Kernel.IsMute = true;
        Meanwhile(() => SetMtu("brvx-1", 1400));

        Assert.That(Change(new Resync()).Outcome, Is.EqualTo(ChangeOutcome.Applied));

        Assert.That(Seen.Drifts.Select(d => (d.Subject.Name, d.Source, d.Handling)), Is.EqualTo([("brvx-1", DriftSource.Resync, DriftHandling.Healed)]));
    }

    [Test]
    public void DeviceWithOurMarkThatNobodyWants_IsRemoved()
    {
        Meanwhile(() => Kernel.Host.PutForeign(new Link { Index = 9, Name = "vxlan9", Kind = LinkKind.Bridge, Alias = "cloudbr:network:n9", Mtu = 1500 }));
        Pass(TimeSpan.Zero);

        Assert.That(Kernel.Host.State.Find("vxlan9"), Is.Null);
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Name, d.Kind)), Is.EqualTo([("vxlan9", DriftKind.Unexpected)]));
    }

    /// <summary>Within <see cref="LoopFixture.Meanwhile"/>.</summary>
    private void SetMtu(string device, int mtu)
    {
        var link = Kernel.Host.State.Find(device)!;
        Kernel.Host.Apply(new ChangeLink(ObjectRef.Link(device), StepAction.Update, device, link.Kind, new LinkChange { Mtu = mtu }, new LinkChange { Mtu = link.Mtu }));
    }
}
