using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Dataplane.Drivers;

namespace Cloudbr.Agent.Dataplane.Tests.Changes;

/// <summary>Changes that wait together share a turn, and each gets its own answer.</summary>
internal sealed class FoldTests : LoopFixture
{
    private int _transactions;

    [SetUp]
    public void Count()
    {
        Apply(Config());
        _transactions = 0;
        Kernel.OnApply = (steps, take) =>
        {
            _transactions++;
            return take(steps);
        };
    }

    [Test]
    public async Task FiveHundredNetworks_AtOnce_AreOneTransactionAndAGenerationEach()
    {
        var reports = await Together([.. Enumerable.Range(1, 500).Select(v => new PutNetwork(Vxlan(v)))]);

        Assert.That(reports.Select(r => r.Outcome), Has.All.EqualTo(ChangeOutcome.Applied));
        Assert.That(_transactions, Is.EqualTo(1));
        Assert.That(reports.Select(r => r.RequestsInTransaction), Has.All.EqualTo(500));
        Assert.That(reports.Select(r => r.Generation), Is.EqualTo(Enumerable.Range(2, 500).Select(g => (ulong)g)));
        Assert.That(reports.Select(r => r.Changes.Select(c => c.Step.Subject.Id).Distinct().Single()), Is.EqualTo(Enumerable.Range(1, 500).Select(v => $"n{v}")));
        Assert.That(Loop.View.FindProblems(), Is.Empty);
        Assert.That(Journal.InForce!.Number, Is.EqualTo(501));
        Assert.That(History.List(null, 1000).Select(e => e.Summary).Distinct().Count(), Is.EqualTo(501));
    }

    [Test]
    public async Task OneThatCannotBe_AmongMany_FailsAlone()
    {
        var bad = Vxlan(2) with { PhysicalNetwork = "nowhere" };

        var reports = await Together([new PutNetwork(Vxlan(1)), new PutNetwork(bad), new PutNetwork(Vxlan(3))]);

        Assert.That(reports.Select(r => r.Outcome), Is.EqualTo([ChangeOutcome.Applied, ChangeOutcome.FailedUndone, ChangeOutcome.Applied]));
        Assert.That(_transactions, Is.EqualTo(1));
        Assert.That(reports[2].Generation, Is.EqualTo(3));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EquivalentTo(["n1", "n3"]));
    }

    [Test]
    public async Task OneThatTheKernelRefuses_AmongMany_FailsAlone()
    {
        Kernel.OnApply = (steps, take) =>
        {
            _transactions++;
            var at = steps.ToList().FindIndex(s => s.Subject.Id == "n2");
            if (at < 0)
            {
                return take(steps);
            }

            var outcomes = new StepOutcome[steps.Count];
            take([.. steps.Take(at)]).CopyTo(outcomes, 0);
            outcomes[at] = new StepOutcome(StepResult.Refused, FakeKernel.Refusal(steps[at].Subject, "not that"));
            return outcomes;
        };

        var reports = await Together([new PutNetwork(Vxlan(1)), new PutNetwork(Vxlan(2)), new PutNetwork(Vxlan(3))]);

        Assert.That(reports.Select(r => r.Outcome), Is.EqualTo([ChangeOutcome.Applied, ChangeOutcome.FailedUndone, ChangeOutcome.Applied]));
        Assert.That(reports[1].Failures[0].Message, Is.EqualTo("not that"));
        Assert.That(reports[1].Changes.Select(c => c.Step.Subject.Id).Distinct(), Is.EqualTo(["n2"]));
        Assert.That(reports[1].Undone!.Steps.Select(u => u.Step), Has.All.InRange(1, reports[1].Changes.Count));
        Assert.That(Kernel.Host.State.Find("vxlan2"), Is.Null);
        Assert.That(Journal.InForce!.Config.Networks.Keys, Is.EquivalentTo(["n1", "n3"]));
    }

    [Test]
    public async Task OneThatNobodyCanName_AmongMany_IsFoundByTryingEach()
    {
        Kernel.OnApply = (steps, take) => steps.Any(s => s.Subject.Id == "n2")
            ? [.. steps.Select((_, i) => i == 0 ? new StepOutcome(StepResult.Refused, FakeKernel.Refusal(new ObjectRef(ObjectKind.Host), "nobody knows")) : default)]
            : take(steps);

        var reports = await Together([new PutNetwork(Vxlan(1)), new PutNetwork(Vxlan(2)), new PutNetwork(Vxlan(3))]);

        Assert.That(reports.Select(r => r.Outcome), Is.EqualTo([ChangeOutcome.Applied, ChangeOutcome.FailedUndone, ChangeOutcome.Applied]));
    }

    [Test]
    public async Task TwoAboutTheSameNetwork_AreMadeOneAfterTheOther()
    {
        var reports = await Together([new PutNetwork(Vxlan(1)), new RemoveNetwork("n1"), new PutNetwork(Vxlan(2))]);

        Assert.That(reports.Select(r => r.Outcome), Has.All.EqualTo(ChangeOutcome.Applied));
        Assert.That(_transactions, Is.EqualTo(2));
        Assert.That((Kernel.Host.State.Find("vxlan1"), Kernel.Host.State.Find("vxlan2")?.Name), Is.EqualTo((default(Core.Model.Links.Link), "vxlan2")));
    }

    [Test]
    public async Task IfGeneration_AmongMany_MeansTheOneAtItsTurn()
    {
        var reports = await Together(
            [new PutNetwork(Vxlan(1)), new PutNetwork(Vxlan(2)), new PutNetwork(Vxlan(3))],
            i => new ChangeOptions($"r{i}") { IfGeneration = i == 1 ? 2u : i == 2 ? 2u : null });

        Assert.That(reports.Select(r => r.Failures is [var failure, ..] ? failure.Reason : null), Is.EqualTo([null, null, "STALE_GENERATION"]));
    }

    [Test]
    public async Task WhoGivesUpWaiting_IsLetGoAndNothingIsDoneForThem()
    {
        using var held = Hold();
        using var giveUp = new CancellationTokenSource();
        var first = Loop.ChangeAsync(new ChangeOptions("a"), new PutNetwork(Vxlan(1)), CancellationToken.None);
        var second = Loop.ChangeAsync(new ChangeOptions("b"), new PutNetwork(Vxlan(2)), giveUp.Token);

        await giveUp.CancelAsync();

        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        held.Release();
        Assert.That((await first).Report.Outcome, Is.EqualTo(ChangeOutcome.Applied));
        Assert.That(Loop.View.Desired.Config.Networks.Keys, Is.EqualTo(["n1"]));
    }

    [Test]
    public async Task MoreThanTheQueueHolds_AreRefusedAtOnceWithAHint()
    {
        using var held = Hold();
        var waiting = Enumerable.Range(0, ReconcileLoop.MostWaiting)
            .Select(i => Loop.ChangeAsync(new ChangeOptions($"r{i}"), new RemoveNetwork("none"), CancellationToken.None)).ToList();

        var refused = (await Loop.ChangeAsync(new ChangeOptions("late"), new RemoveNetwork("none"), CancellationToken.None)).Report.Failures[0];

        Assert.That((refused.Kind, refused.Reason, refused.Retryable), Is.EqualTo((FailureKind.ResourceExhausted, "QUEUE_FULL", true)));
        held.Release();
        Assert.That((await Task.WhenAll(waiting)).Select(r => r.Report.Outcome), Has.All.EqualTo(ChangeOutcome.Unchanged));
    }
}
