using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

internal sealed class FencingTests : LoopFixture
{
    [Test]
    public void Term_OlderThanSeen_IsAborted()
    {
        Apply(Config(1), new ChangeOptions("a") { Term = 7 });

        var report = Apply(Config(1, 2), new ChangeOptions("b") { Term = 6 });

        Assert.That(report.Failures.Select(f => (f.Kind, f.Reason, f.FieldPath)), Is.EqualTo(new[] { (FailureKind.Aborted, "STALE_TERM", "change.term") }));
        Assert.That(Kernel.Host.State.Find("vxlan2"), Is.Null);
        Assert.That(Loop.View.Term, Is.EqualTo(7));
    }

    [Test]
    public void Term_NoneAfterOneWasSeen_IsAborted()
    {
        Apply(Config(1), new ChangeOptions("a") { Term = 7 });
        Assert.That(Apply(Config(1, 2)).Failures[0].Reason, Is.EqualTo("STALE_TERM"));
    }

    [Test]
    public void Term_ThatTheDiskDidNotTake_FencesAndIsKeptOnceTheDiskIsWell()
    {
        Journal.Full = FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), "full") with { Reason = "STATE_NOT_WRITABLE" };
        Assert.That(Change(new Resync(), new ChangeOptions("a") { Term = 7 }).Failures[0].Reason, Is.EqualTo("STATE_NOT_WRITABLE"));
        Assert.That(Change(new Resync(), new ChangeOptions("b") { Term = 6 }).Failures[0].Reason, Is.EqualTo("STALE_TERM"));
        Assert.That((Loop.View.Degradations.Single().Reason, Journal.Term), Is.EqualTo((DegradedReason.StateNotWritable, 0ul)));
        Assert.That(Change(new Resync(), new ChangeOptions("c") { Term = 7 }).Failures[0].Reason, Is.EqualTo("STATE_NOT_WRITABLE"), "nothing is done under it yet");

        Journal.Full = null;
        Pass(TimeSpan.FromSeconds(5));

        Assert.That((Loop.View.Degradations.Count, Journal.Term), Is.EqualTo((0, 7ul)));
    }

    [Test]
    public void IfGeneration_OfAnother_IsAbortedAndOfThisOneTaken()
    {
        Apply(Config(1));
        Assert.That(Apply(Config(1, 2), new ChangeOptions("b") { IfGeneration = 0 }).Failures[0].Reason, Is.EqualTo("STALE_GENERATION"));
        Assert.That(Apply(Config(1, 2), new ChangeOptions("c") { IfGeneration = 1 }).Outcome, Is.EqualTo(ChangeOutcome.Applied));
    }

    [Test]
    public void Generation_GrowsWithEachNewConfigurationOnly()
    {
        ulong[] generations =
        [
            Apply(Config(1)).Generation,
            Apply(Config(1)).Generation,
            Change(new PutNetwork(Vxlan(2))).Generation,
            Change(new PutNetwork(Vxlan(2) with { DisplayName = "web" })).Generation,
            Change(new RemoveNetwork("nobody")).Generation,
            Apply(Config(9999), new ChangeOptions("d") { DryRun = true }).Generation,
        ];
        Assert.That(generations, Is.EqualTo(new ulong[] { 1, 1, 2, 3, 3, 3 }));
    }
}
