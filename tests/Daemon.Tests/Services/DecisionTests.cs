using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;

namespace Cloudbr.Agent.Daemon.Tests.Services;

/// <summary>Which answers a request is bound to for good.</summary>
internal sealed class DecisionTests
{
    private static readonly ObjectRef Host = new(ObjectKind.Host);

    [TestCase(ChangeOutcome.Applied, true)]
    [TestCase(ChangeOutcome.Unchanged, true)]
    [TestCase(ChangeOutcome.AwaitingConfirm, true)]
    [TestCase(ChangeOutcome.Planned, false)]
    public void Success_IsDecidedUnlessItIsAPlan(ChangeOutcome outcome, bool decided) =>
        Assert.That(Decision.IsMadeBy(Report(outcome)), Is.EqualTo(decided));

    private static IEnumerable<TestCaseData> Refusals { get; } =
    [
        new TestCaseData(Failure("plan", ObjectRef.Network("n")), true).SetArgDisplayNames("plan"),
        new TestCaseData(Failure("plan", ObjectRef.Network("n")) with { Retryable = true }, true).SetArgDisplayNames("plan, retryable"),
        new TestCaseData(Failure("fence", Host, "STALE_GENERATION"), true).SetArgDisplayNames("stale generation"),
        new TestCaseData(Failure("fence", Host, "STALE_TERM"), false).SetArgDisplayNames("stale term"),
        new TestCaseData(Failure("change", Host, "CONFIRM_AWAITED"), false).SetArgDisplayNames("confirmation awaited"),
        new TestCaseData(Failure("queue", Host), false).SetArgDisplayNames("full queue"),
        new TestCaseData(Failure("write", ObjectRef.File("/var/lib/cloudbr-agent/desired.next")), false).SetArgDisplayNames("full disk"),
        new TestCaseData(Failure("getlink", Host), false).SetArgDisplayNames("unreadable kernel"),
    ];

    [TestCaseSource(nameof(Refusals))]
    public void Refusal_WithNothingWritten_IsDecidedIfTheRequestWasWeighed(Failure failure, bool decided) =>
        Assert.That(Decision.IsMadeBy(Report(ChangeOutcome.FailedUndone) with { Failures = [failure] }), Is.EqualTo(decided));

    [Test]
    public void Failure_AfterSomethingWasWritten_IsDecidedWhateverItWas()
    {
        var failed = Report(ChangeOutcome.FailedUndone) with { Failures = [Failure("write", Host)] };
        var step = new ChangeLink(ObjectRef.Link("x", "n"), StepAction.Adopt, "x", "vxlan", new(), new());
        Assert.That(Decision.IsMadeBy(failed with { Undone = new Undo(UndoCause.StepFailed, "", [], Complete: true) }));
        Assert.That(Decision.IsMadeBy(failed with { Changes = [new StepReport(step, StepProgress.Failed)] }));
        Assert.That(Decision.IsMadeBy(failed with { Changes = [new StepReport(step, StepProgress.Planned)] }), Is.False, "nothing was written");
    }

    private static ChangeReport Report(ChangeOutcome outcome) =>
        new() { RequestId = "r", Outcome = outcome, Generation = 1, PreviousGeneration = 1, AcceptedAt = FakeDataplane.Now };

    private static Failure Failure(string operation, ObjectRef subject, string reason = "SOMETHING") =>
        new() { Operation = operation, Subject = subject, Reason = reason, Message = "no" };
}
