using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>A change that has to be confirmed goes back by itself if it is not.</summary>
internal sealed class ConfirmTests : LoopFixture
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [SetUp]
    public void Begin() => Apply(Config(1));

    [Test]
    public void Change_ThatIsToBeConfirmed_SaysUntilWhen()
    {
        var report = ApplyUnconfirmed();

        Assert.That((report.Outcome, report.Generation), Is.EqualTo((ChangeOutcome.AwaitingConfirm, 2u)));
        Assert.That(report.ConfirmBefore, Is.EqualTo(Clock.GetUtcNow() + Minute));
        Assert.That(Loop.View.Status.Pending, Is.EqualTo(new PendingConfirm(2, 1, Clock.GetUtcNow() + Minute)));
        Assert.That(Journal.InForce!.Pending!.Generation, Is.EqualTo(2));
    }

    [Test]
    public void Confirm_InTime_KeepsIt()
    {
        ApplyUnconfirmed();

        var report = Change(new ConfirmGeneration(2));
        Pass(2 * Minute);

        Assert.That((report.Outcome, Loop.View.Generation, Loop.View.Status.Pending), Is.EqualTo((ChangeOutcome.Applied, 2u, (PendingConfirm?)null)));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EqualTo(["n2"]));
        Assert.That((Journal.InForce!.Pending, Journal.InForce.Entry.Confirmation), Is.EqualTo(((PendingConfirm?)null, Confirmation.Given)));
        Assert.That((History.Find(2)!.Entry.Confirmation, History.Find(2)!.Entry.Outcome), Is.EqualTo((Confirmation.Given, ChangeOutcome.Applied)));
    }

    [Test]
    public void Confirm_OfAnotherGenerationOrTwice_IsRefused()
    {
        ApplyUnconfirmed();

        Assert.That(Change(new ConfirmGeneration(1)).Failures[0].Reason, Is.EqualTo("NOT_AWAITED"));
        Change(new ConfirmGeneration(2));
        Assert.That(Change(new ConfirmGeneration(2)).Failures[0].Reason, Is.EqualTo("NOT_AWAITED"));
    }

    [Test]
    public void NoConfirm_InTime_BringsTheGenerationBeforeBack()
    {
        ApplyUnconfirmed();

        Pass(Minute);

        ThenTheFirstIsBack(UndoCause.ConfirmExpired);
    }

    [Test]
    public void NoConfirm_YetTimeLeft_ChangesNothing()
    {
        ApplyUnconfirmed();

        Pass(Minute - TimeSpan.FromSeconds(1));

        Assert.That((Loop.View.Generation, Loop.View.Desired.Config.Networks.Keys.Single()), Is.EqualTo((2u, "n2")));
    }

    [Test]
    public void ManagementThatCutItselfOff_BringsTheGenerationBeforeBack()
    {
        ApplyUnconfirmed();
        LostSince = caller => caller == "CN=mgmt-1" ? TimeSpan.FromSeconds(31) : null;

        Pass(TimeSpan.FromSeconds(1));

        ThenTheFirstIsBack(UndoCause.ManagementLost);
    }

    /// <summary>That the caller is lost the next life does not know: it waits for him, as the disk says, and as the report said.</summary>
    [Test]
    public void ManagementThatCutItselfOff_WithAFullDisk_GoesBackAndOnceMoreAfterARestart()
    {
        ApplyUnconfirmed();
        LostSince = _ => TimeSpan.FromSeconds(31);
        Journal.Full = new Failure { Operation = "write", Subject = new ObjectRef(ObjectKind.Host), Reason = "STATE_NOT_WRITABLE", Message = "full" };
        Pass(TimeSpan.FromSeconds(1));
        ThenTheFirstIsBack(UndoCause.ManagementLost);
        Assert.That(Seen.Reports[^1].Warnings.Select(w => w.Reason), Is.EqualTo(["NOT_ON_DISK_YET"]));
        Assert.That((Journal.InForce!.Number, Loop.View.Status.State), Is.EqualTo((2ul, AgentState.Degraded)));

        Journal.ForgetMade();
        LostSince = _ => null;
        Restart();
        Pass(TimeSpan.Zero);
        Assert.That((Loop.View.Generation, Loop.View.Status.Pending?.Generation), Is.EqualTo((2u, 2u)));
        Pass(Minute);

        ThenTheFirstIsBack(UndoCause.ConfirmExpired);
    }

    [Test]
    public void Restart_BeforeTheTimeIsUp_GoesOnWaiting()
    {
        ApplyUnconfirmed();
        Restart();
        Pass(TimeSpan.FromSeconds(30));
        Assert.That((Loop.View.Generation, Loop.View.Status.Pending?.Generation), Is.EqualTo((2u, 2u)));

        Pass(TimeSpan.FromSeconds(31));

        ThenTheFirstIsBack(UndoCause.ConfirmExpired);
    }

    [Test]
    public void Restart_AfterTheTimeIsUp_BringsTheGenerationBeforeBack()
    {
        ApplyUnconfirmed();
        Loop.Dispose();
        Clock.Advance(2 * Minute);

        Restart();
        Pass(TimeSpan.Zero);

        ThenTheFirstIsBack(UndoCause.RestartedTooLate);
    }

    [Test]
    public void Restart_WithoutTheGenerationToGoBackTo_KeepsWhatItHasAndSaysSo()
    {
        ApplyUnconfirmed();
        Loop.Dispose();
        Journal.ForgetPrevious();
        History.Forget(1);

        Restart();
        Pass(2 * Minute);

        Assert.That((Loop.View.Generation, Loop.View.Status.Pending), Is.EqualTo((2u, (PendingConfirm?)null)));
        Assert.That(Loop.View.Degradations.Select(d => (d.Reason, d.Failure.Reason)), Is.EqualTo([(DegradedReason.JournalDamaged, "FALLBACK_LOST")]));
        Assert.That(Change(new PutNetwork(Vxlan(3))).Outcome, Is.EqualTo(ChangeOutcome.Applied));
    }

    [TestCase(false), TestCase(true)]
    public void FirstGenerationOfAll_WithoutConfirm_GoesAsIfItHadNeverBeen(bool restart)
    {
        Apply(HostConfig.Empty);
        Loop.Dispose();
        var host = Kernel.Host;
        RestartForgetful();
        var before = host.State;
        Apply(Config(1) with { Settings = new HostSettings { IpForward = true } }, new ChangeOptions("first") { ConfirmWithin = Minute });
        Assert.That((host.State.Find("vxlan1")?.Name, host.State.Setting("net.ipv4.ip_forward")), Is.EqualTo(("vxlan1", "1")));
        if (restart)
        {
            Restart();
        }

        Pass(Minute);

        Assert.That((Loop.View.Generation, Loop.View.Status.Pending), Is.EqualTo((2u, (PendingConfirm?)null)));
        Assert.That(host.State.Links, Is.EquivalentTo(before.Links));
        Assert.That(host.State.Setting("net.ipv4.ip_forward"), Is.EqualTo("0"));
        Assert.That(Loop.View.PreviousSettings, Is.Empty);
        Assert.That(Loop.View.FindProblems(), Is.Empty);
    }

    [Test]
    public void AgentThatForgot_TakesNoChangeToBeConfirmed()
    {
        RestartForgetful();

        Assert.That(ApplyUnconfirmed().Failures[0].Reason, Is.EqualTo("NOTHING_TO_GO_BACK_TO"));
        Assert.That(Apply(Config(1)).Succeeded);
        Assert.That(ApplyUnconfirmed().Outcome, Is.EqualTo(ChangeOutcome.AwaitingConfirm));
    }

    [Test]
    public void OtherChanges_WhileItIsAwaited_AreRefusedButForThoseThatChangeNothing()
    {
        ApplyUnconfirmed();

        Assert.That(Change(new PutNetwork(Vxlan(3))).Failures[0].Reason, Is.EqualTo("CONFIRM_AWAITED"));
        Assert.That(ApplyUnconfirmed(3).Failures[0].Reason, Is.EqualTo("CONFIRM_AWAITED"));
        Assert.That(Change(new PutNetwork(Vxlan(2))).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(Change(new Resync()).Outcome, Is.EqualTo(ChangeOutcome.Unchanged));
        Assert.That(Change(new PutNetwork(Vxlan(3)), new ChangeOptions("ask") { DryRun = true }).Outcome, Is.EqualTo(ChangeOutcome.Planned));
        Assert.That(Loop.View.Status.Pending?.Generation, Is.EqualTo(2));
    }

    [Test]
    public void Rollback_WhileItIsAwaited_TakesTheWayBackEarly()
    {
        ApplyUnconfirmed();

        var report = Change(new RestoreGeneration(History.Find(1)!));
        Pass(2 * Minute);

        Assert.That((report.Outcome, Loop.View.Generation, Loop.View.Status.Pending), Is.EqualTo((ChangeOutcome.Applied, 3u, (PendingConfirm?)null)));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EqualTo(["n1"]));
        Assert.That((History.Find(2)!.Entry.Confirmation, History.Find(2)!.Entry.Outcome), Is.EqualTo((Confirmation.Expired, ChangeOutcome.FailedUndone)));
        Assert.That(History.Find(3)!.Entry.Restores, Is.EqualTo(1ul));
    }

    /// <summary>The history is written after the fact: who dies may not have come to it, for several generations.</summary>
    [TestCase(true, Confirmation.Given, ChangeOutcome.Applied)]
    [TestCase(false, Confirmation.Expired, ChangeOutcome.FailedUndone)]
    public void HistoryThatFellBehind_SaysAfterARestartWhatBecameOfIt(bool isConfirmed, Confirmation confirmation, ChangeOutcome outcome)
    {
        ApplyUnconfirmed();
        var awaited = History.Find(2)!;
        if (isConfirmed)
        {
            Change(new ConfirmGeneration(2));
        }

        Pass(Minute);
        while (Loop.View.Generation < 6)
        {
            Change(new PutNetwork(Vxlan(10 + (int)Loop.View.Generation)));
        }

        History.Keep(awaited);
        for (var lost = 3u; lost <= 6; lost++)
        {
            History.Forget(lost);
        }

        Restart();
        Pass(TimeSpan.Zero);

        Assert.That((History.Find(2)!.Entry.Confirmation, History.Find(2)!.Entry.Outcome), Is.EqualTo((confirmation, outcome)));
        Assert.That(History.List(null, 2).Select(e => e.Generation), Is.EqualTo([6ul, 5ul]));
    }

    [Test]
    public void WayBack_ThatTheKernelRefuses_IsTriedAgain()
    {
        ApplyUnconfirmed();
        Kernel.OnApply = (steps, _) => [.. steps.Select((s, i) => i == 0 ? new StepOutcome(StepResult.Refused, FakeKernel.Refusal(s.Subject, "not now")) : default)];
        Pass(Minute);
        Assert.That((Loop.View.Generation, Loop.View.Status.Pending?.Generation), Is.EqualTo((2u, 2u)));
        Kernel.OnApply = null;

        Pass(Minute);

        ThenTheFirstIsBack(UndoCause.ConfirmExpired);
    }

    private ChangeReport ApplyUnconfirmed(int vni = 2) => Apply(Config(vni), new ChangeOptions("risky") { ConfirmWithin = Minute, Caller = "CN=mgmt-1" });

    private void ThenTheFirstIsBack(UndoCause cause)
    {
        Assert.That((Loop.View.Generation, Loop.View.Status.Pending), Is.EqualTo((3u, (PendingConfirm?)null)));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EqualTo(["n1"]));
        Assert.That((Kernel.Host.State.Find("vxlan1")?.Name, Kernel.Host.State.Find("vxlan2")), Is.EqualTo(("vxlan1", default(Core.Model.Links.Link))));
        var entry = History.Find(3)!.Entry;
        Assert.That((entry.Caller, entry.Restores, entry.Outcome), Is.EqualTo((HistoryEntry.AgentItself, 1ul, ChangeOutcome.Applied)));
        Assert.That((History.Find(2)!.Entry.Confirmation, History.Find(2)!.Entry.Outcome), Is.EqualTo((Confirmation.Expired, ChangeOutcome.FailedUndone)));
        Assert.That(Seen.Reports[^1].Undone!.Cause, Is.EqualTo(cause));
    }
}
