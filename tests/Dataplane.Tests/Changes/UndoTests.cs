using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

internal sealed class UndoTests : LoopFixture
{
    [Test]
    public void Apply_StepRefused_TakesBackAllAndSaysWhich()
    {
        Apply(Config(1));
        Kernel.Host.FailNext(atStep: 2, message: "no room");

        var report = Apply(Config(1, 2));

        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.FailedUndone));
        Assert.That(
            report.Changes.Select(c => c.Progress), Is.EqualTo(new[] { StepProgress.Undone, StepProgress.Failed, StepProgress.Planned }));
        Assert.That(report.Undone!.Steps.Select(s => (s.Step, s.Restored)), Is.EqualTo(new[] { (2, true), (1, true) }));
        Assert.That(report.Failures.Single().Message, Does.Contain("no room"));
        Assert.That((Kernel.Host.State.Find("brvx-2"), Kernel.Host.State.Find("brvx-1")?.Name), Is.EqualTo((default(Core.Model.Links.Link), "brvx-1")));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EqualTo(new[] { "n1" }));
    }

    [Test]
    public void Apply_WayBackRefusedToo_SaysWhatIsLeftBehind()
    {
        var isWayBack = false;
        Kernel.OnApply = (steps, take) =>
        {
            if (isWayBack)
            {
                return [.. steps.Select((s, i) => i == 0 ? new StepOutcome(StepResult.Refused, FakeKernel.Refusal(s.Subject, "not that either")) : default)];
            }

            isWayBack = true;
            var outcomes = new StepOutcome[steps.Count];
            take([steps[0]]).CopyTo(outcomes, 0);
            outcomes[1] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[1].Subject, "not that"));
            return outcomes;
        };

        var report = Apply(Config(1));

        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.FailedIncomplete));
        Assert.That(report.Changes[0].Progress, Is.EqualTo(StepProgress.LeftBehind));
        Assert.That(report.Undone!.Steps.Single(s => s.Step == 1).Failure!.Message, Does.Contain("not that either"));
    }

    [Test]
    public void Apply_KernelThatDisagreesEveryTime_IsUndoneAfterThreeRounds()
    {
        var rounds = 0;
        Kernel.OnApply = (steps, take) =>
        {
            if (steps.Any(s => s.Action == StepAction.Delete))
            {
                return take(steps);
            }

            // Says yes to all of it, and does not do the last step.
            rounds++;
            return [.. take([.. steps.SkipLast(1)]), StepOutcome.Applied];
        };

        var report = Apply(Config(1));

        Assert.That((report.Outcome, report.Undone!.Cause, rounds), Is.EqualTo((ChangeOutcome.FailedUndone, UndoCause.VerifyFailed, 3)));
        Assert.That(report.Failures[0].Reason, Is.EqualTo("KERNEL_DISAGREES"));
        Assert.That(Kernel.Host.State.Find("vxlan1"), Is.Null);
    }

    [Test]
    public void Apply_MeddledWithOnce_IsPutRight()
    {
        Kernel.Meddle = () =>
        {
            Kernel.Meddle = null;
            var vxlan = Kernel.Host.State.Find("vxlan1")!;
            Kernel.Host.Apply(new ChangeLink(
                ObjectRef.Link("vxlan1"), StepAction.Update, "vxlan1", vxlan.Kind, new() { Mtu = 1000 }, new() { Mtu = vxlan.Mtu }));
        };

        var report = Apply(Config(1));

        Assert.That(report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Kernel.Host.State.Find("vxlan1")!.Mtu, Is.EqualTo(1500));
    }

    [Test]
    public void Apply_OthersWereFaster_IsJudgedByWhatIsThere()
    {
        Kernel.OnApply = (steps, take) =>
        {
            var outcomes = take(steps);
            return [.. outcomes.Select(o => o.Result == StepResult.Applied ? StepOutcome.Raced : o)];
        };
        Assert.That(Apply(Config(1)).Outcome, Is.EqualTo(ChangeOutcome.Applied));
    }

    [Test]
    public void Apply_AgentFailsOverItsOwnWork_TakesBackWhatItWroteAndSaysSo()
    {
        var isFirst = true;
        Kernel.OnApply = (steps, take) =>
        {
            var outcomes = take(steps);
            return isFirst && !(isFirst = false) ? throw new InvalidOperationException("a defect") : outcomes;
        };

        var report = Apply(Config(1));

        Assert.That((report.Outcome, report.Failures.Single().Reason), Is.EqualTo((ChangeOutcome.FailedUndone, "AGENT_DEFECT")));
        Assert.That(report.Failures.Single().Evidence, Does.Contain("a defect"));
        Assert.That(Kernel.Host.State.Find("brvx-1"), Is.Null);
        Assert.That(Loop.View.Status.State, Is.EqualTo(AgentState.Serving));
    }

    [Test]
    public void Undo_StepGivenUpTogetherWithARefusedOne_IsTriedByItself()
    {
        Apply(Config(1, 2));
        var calls = 0;
        Kernel.OnApply = (steps, take) =>
        {
            switch (++calls)
            {
                case 1:
                    // All of it is removed, and then something is refused.
                    var outcomes = take(steps);
                    outcomes[^1] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[^1].Subject, "not that"));
                    return outcomes;
                case 2:
                    // The way back begins with several creations that are given up when the last of them is refused.
                    var creations = steps.TakeWhile(s => s is CreateLink).Count();
                    var back = new StepOutcome[steps.Count];
                    back[creations - 1] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[creations - 1].Subject, "not now"));
                    return back;
                default:
                    return take(steps);
            }
        };

        Apply(Config());

        var there = new[] { "brvx-1", "brvx-2", "vxlan1", "vxlan2" }.Count(n => Kernel.Host.State.Find(n) is not null);
        Assert.That(there, Is.EqualTo(3), "all but the one that was refused");
        Assert.That(Loop.View.Status.Degradations.Single().Reason, Is.EqualTo(DegradedReason.UndoIncomplete));
    }
}
