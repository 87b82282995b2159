using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>An agent that is started again goes on from where it stopped.</summary>
internal sealed class ResumeTests : LoopFixture
{
    protected override DriftPolicy Policy => DriftPolicy.Default;

    [Test]
    public void Restart_WithNothingToDo_WritesNothing()
    {
        Apply(Config(1, 2));
        var writes = Kernel.Host.Writes;

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That((Kernel.Host.Writes, Loop.View.Generation), Is.EqualTo((writes, 1u)));
        Assert.That(Loop.View.Desired.Config, Is.EqualTo(Journal.InForce!.Config));
        Assert.That(Seen.Resumption, Is.EqualTo(new Resumption(1, null, IsFinished: false, 0, TimeSpan.Zero)));
    }

    [Test]
    public void Restart_AfterADeviceWent_MakesItAgain()
    {
        Apply(Config(1, 2));
        Loop.Dispose();
        Kernel.Host.RemoveForeign("vxlan2");

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That(Seen.Drifts.Select(d => (d.Subject.Name, d.Handling, d.Source)), Does.Contain(("vxlan2", Core.Model.Drifts.DriftHandling.Healed, Core.Model.Drifts.DriftSource.Start)));
    }

    [Test]
    public void Restart_InTheMiddleOfAChange_FinishesIt()
    {
        Apply(Config(1));
        DieAfter(steps: 1, () => Apply(Config(2, 3)));

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That((Loop.View.Generation, Journal.InForce!.Number, Journal.Begun), Is.EqualTo((2u, 2u, (Core.Model.Generations.Generation?)null)));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EquivalentTo(["n2", "n3"]));
        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That((Seen.Resumption!.Interrupted, Seen.Resumption.IsFinished), Is.EqualTo(((ulong?)2, true)));
    }

    [Test]
    public void Restart_InTheMiddleOfAChangeThatCannotBeFinished_TakesItBack()
    {
        Apply(Config(1));
        DieAfter(steps: 2, () => Apply(Config(1, 2)));
        StartOn(Kernel.Host, kernel => kernel.OnApply = (steps, take) =>
        {
            var at = steps.ToList().FindIndex(s => s is Core.Planning.Steps.AddForwarding);
            if (at < 0)
            {
                return take(steps);
            }

            var outcomes = new StepOutcome[steps.Count];
            take([.. steps.Take(at)]).CopyTo(outcomes, 0);
            outcomes[at] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[at].Subject, "not that"));
            return outcomes;
        });
        Pass(TimeSpan.Zero);

        Assert.That((Loop.View.Generation, Journal.Begun), Is.EqualTo((1u, (Core.Model.Generations.Generation?)null)));
        Assert.That(Kernel.Host.State.Find("vxlan2"), Is.Null);
        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That((Seen.Resumption!.Interrupted, Seen.Resumption.IsFinished), Is.EqualTo(((ulong?)2, false)));
    }

    /// <summary>What is in force until then is whole.</summary>
    [Test]
    public void Restart_InTimeForAWayBackThatFails_LeavesNothingUnhealed()
    {
        Apply(Config(1));
        Apply(Config(2), new ChangeOptions("risky") { ConfirmWithin = TimeSpan.FromMinutes(1) });
        Loop.Dispose();
        Kernel.Host.RemoveForeign("vxlan2");
        Clock.Advance(TimeSpan.FromMinutes(2));
        StartOn(Kernel.Host, kernel =>
        {
            // No report tells of what went before the start.
            kernel.IsMute = true;
            kernel.OnApply = (steps, take) => steps.Any(s => s.Subject.Id == "n1")
                ? [.. steps.Select((s, i) => i == 0 ? new StepOutcome(StepResult.Refused, FakeKernel.Refusal(s.Subject, "not now")) : default)]
                : take(steps);
        });
        Pass(TimeSpan.Zero);

        Assert.That((Loop.View.Generation, Kernel.Host.State.Find("vxlan2")?.Name), Is.EqualTo((2u, "vxlan2")));
        Assert.That(Seen.Reports.Select(r => r.Outcome), Does.Contain(ChangeOutcome.FailedUndone));
    }

    /// <summary>What the agent itself left half-made it takes back also if it is to leave alone what others do; a refusal is tried again later.</summary>
    [Test]
    public void Restart_InTheMiddleOfAChangeThatCannotBeFinished_OfAnAgentThatOnlyObserves_TakesBackOnlyThat()
    {
        var observing = new DriftPolicy { Mode = DriftMode.Observe };
        Apply(Config(1, 9) with { Drift = observing });
        DieAfter(steps: 2, () => Apply(Config(1, 2, 9) with { Drift = observing }));
        Kernel.Host.RemoveForeign("vxlan9");
        var isRefusing = true;
        StartOn(Kernel.Host, kernel => kernel.OnApply = (steps, take) => isRefusing
            ? [.. steps.Select((s, i) => i == 0 ? new StepOutcome(StepResult.Refused, FakeKernel.Refusal(s.Subject, "not now")) : default)]
            : take(steps));
        Pass(TimeSpan.Zero);
        Assert.That((Kernel.Host.State.OwnedBy("cloudbr:network:n2").Any(), Loop.View.Status.State), Is.EqualTo((true, AgentState.Degraded)));

        isRefusing = false;
        Pass(TimeSpan.FromSeconds(1));

        Assert.That((Kernel.Host.State.OwnedBy("cloudbr:network:n2").Any(), Kernel.Host.State.Find("vxlan9")), Is.EqualTo((false, default(Link))));
        Assert.That((Loop.View.Generation, Loop.View.Status.State, Loop.View.Drifts.Keys.Single()), Is.EqualTo((1ul, AgentState.Drifted, "n9")));
        Assert.That(Loop.View.Drifts["n9"].Select(d => d.Handling).Distinct(), Is.EqualTo([Core.Model.Drifts.DriftHandling.Observed]));
    }

    [Test]
    public void Restart_WithADamagedJournal_UsesThePreviousOneAndIsDegraded()
    {
        Apply(Config(1));
        Journal.Damaged = [Damaged];

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That(Loop.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.JournalDamaged]));
        Assert.That(Seen.JournalFailures, Is.EqualTo([Damaged]));
        Apply(Config(2));
        Assert.That(Loop.View.Degradations, Is.Empty);
    }

    [Test]
    public void Restart_WithoutAReadableJournal_OnlyObservesUntilItIsToldEverything()
    {
        Apply(Config(1, 2));
        (Journal.InForce, Journal.Damaged) = (null, [Damaged]);
        var writes = Kernel.Host.Writes;

        Restart();
        Meanwhile(() => Kernel.Host.RemoveForeign("vxlan2"));
        Pass(TimeSpan.FromMinutes(5));

        Assert.That((Kernel.Host.Writes, Loop.View.Status.Mode), Is.EqualTo((writes, OperatingMode.ObserveOnly)));
        Assert.That(Loop.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.JournalUnreadable]));
        Assert.That(Change(new PutNetwork(Vxlan(3))).Failures[0].Reason, Is.EqualTo("DESIRED_STATE_LOST"));
        Assert.That(Change(new ReplaceConfig(Config(), new HashSet<ConfigSection> { ConfigSection.Networks })).Failures[0].Reason, Is.EqualTo("DESIRED_STATE_LOST"));
        Assert.That(Kernel.Host.Writes, Is.EqualTo(writes));

        Assert.That(Apply(Config(1)).Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That((Loop.View.Status.Mode, Loop.View.Generation), Is.EqualTo((OperatingMode.Heal, 2u)));
        Assert.That(Loop.View.Degradations, Is.Empty);
    }

    [Test]
    public void Restart_OnAHostWithoutItsUplink_RemovesNothingAndMakesItOnceTheUplinkIsThere()
    {
        var config = Config();
        Apply(config with { Networks = config.Networks.Add("n1", Vxlan(1) with { Isolation = new VxlanIsolation(1, null, null, new VxlanMulticast(null), null) }) });
        Loop.Dispose();
        var host = Kernel.Host;
        var uplink = host.State.Find("eth0")!;
        host.RemoveForeign("eth0");
        Assert.That((host.State.Find("vxlan1"), host.State.Find("brvx-1")?.Name), Is.EqualTo((default(Link), "brvx-1")), "the kernel takes away what stood on it");

        Restart();
        Pass(TimeSpan.Zero);
        Assert.That(host.State.Find("brvx-1"), Is.Not.Null);
        Assert.That(Loop.View.FindProblems().Keys, Does.Contain("n1"));
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Degraded));

        Meanwhile(() =>
        {
            host.PutForeign(uplink with { Index = 40 });
            host.PutForeign("eth0", new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24")));
        });
        Pass(TimeSpan.Zero);

        Assert.That(host.State.Find("vxlan1"), Is.Not.Null);
        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Serving));
    }

    [Test]
    public void Restart_WithAProviderThatIsSwitchedOff_LeavesItsNetworksAloneAndIsWell()
    {
        Apply(Config(1));
        Apply(Config(1) with { Providers = [new ProviderSetting(LinuxBridgeProvider.Name, Enabled: false, null)] });
        Meanwhile(() => Kernel.Host.RemoveForeign("vxlan1"));
        var writes = Kernel.Host.Writes;

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That((Kernel.Host.Writes, Loop.View.Status.State), Is.EqualTo((writes, AgentState.Serving)));
        Assert.That(Apply(Config(1)).Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Kernel.Host.State.Find("vxlan1"), Is.Not.Null);
    }

    [Test]
    public void RepeatedRequest_WhoseAnswerWasLost_FindsWhatItWanted()
    {
        var options = new ChangeOptions("mine") { IfGeneration = 0 };
        Apply(Config(1), options);
        Restart();

        var again = Apply(Config(1), options);

        Assert.That((again.Outcome, again.Generation), Is.EqualTo((ChangeOutcome.Unchanged, 1ul)));
        Assert.That(Apply(Config(2), options with { RequestId = "another" }).Failures[0].Reason, Is.EqualTo("STALE_GENERATION"));
    }

    [Test]
    public void FullDisk_RefusesChangesAndLeavesTheKernelAlone()
    {
        Apply(Config(1));
        var writes = Kernel.Host.Writes;
        Journal.Full = Damaged with { Reason = "STATE_NOT_WRITABLE" };

        Assert.That(Apply(Config(2)).Failures[0].Reason, Is.EqualTo("STATE_NOT_WRITABLE"));
        Assert.That((Kernel.Host.Writes, Loop.View.Generation), Is.EqualTo((writes, 1u)));
        Assert.That(Loop.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.StateNotWritable]));
        Assert.That(Change(new Resync()).Outcome, Is.EqualTo(ChangeOutcome.Unchanged), "what writes nothing to disk goes on");

        Journal.Full = null;
        Assert.That(Apply(Config(2)).Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Loop.View.Degradations, Is.Empty);
    }

    [Test]
    public void FullDisk_ThatHasRoomAgain_IsNoticedWithoutAnyRequest()
    {
        Journal.Full = Damaged with { Reason = "STATE_NOT_WRITABLE" };
        Apply(Config(1));
        Pass(TimeSpan.FromSeconds(5));
        Assert.That(Loop.View.Degradations.Select(d => d.Reason), Is.EqualTo([DegradedReason.StateNotWritable]));

        Journal.Full = null;
        Pass(TimeSpan.FromSeconds(5));

        Assert.That(Loop.View.Degradations, Is.Empty);
    }

    [Test]
    public void Intent_IsOnDiskBeforeTheKernelIsWritten()
    {
        var writes = -1;
        Journal.OnIntend = _ => writes = Kernel.Host.Writes;
        var before = Kernel.Host.Writes;

        Apply(Config(1));

        Assert.That(writes, Is.EqualTo(before));
        Assert.That(Kernel.Host.Writes, Is.GreaterThan(before));
    }

    [Test]
    public void Term_OutlivesARestart()
    {
        Change(new Resync(), new ChangeOptions("r") { Term = 7 });
        Restart();

        Assert.That(Change(new Resync(), new ChangeOptions("r") { Term = 6 }).Failures[0].Reason, Is.EqualTo("STALE_TERM"));
    }

    private static Failure Damaged { get; } = new()
    {
        Operation = "read", Subject = new ObjectRef(ObjectKind.Host), Reason = "JOURNAL_DAMAGED", Message = "desired is damaged",
    };

    /// <summary>The change is cut off after so many steps: nothing of what the agent would do next happens.</summary>
    private void DieAfter(int steps, Action change)
    {
        var (begun, inForce) = (default(Core.Model.Generations.Generation), Journal.InForce);
        Journal.OnIntend = intent => begun = intent;
        Kernel.OnApply = (all, take) =>
        {
            var cut = all.Take(steps).ToList();
            take(cut);
            Kernel.Unreadable = Damaged;
            throw new KernelException(Damaged);
        };
        change();
        Loop.Dispose();
        Journal.OnIntend = null;
        (Journal.Begun, Journal.InForce) = (begun, inForce);
    }
}
