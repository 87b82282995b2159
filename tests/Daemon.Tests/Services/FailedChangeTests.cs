using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Daemon.Services;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.V1;
using Failure = Cloudbr.Agent.Core.Model.Failure;
using ObjectRef = Cloudbr.Agent.Core.Model.ObjectRef;

namespace Cloudbr.Agent.Daemon.Tests.Services;

/// <summary>The report of a failed change in its trailer: whole where there is room, and otherwise what matters most.</summary>
internal sealed class FailedChangeTests
{
    /// <summary>What gRPC clients take as headers unless told otherwise.</summary>
    private const int HeaderLimit = 8 * 1024;

    [Test]
    public void Failed_SmallReport_IsWhole()
    {
        var report = Report(steps: 3, attributeBytes: 10);
        Assert.That(Refused.Of(Refusal.Failed([Sample("short")], report)).Report, Is.EqualTo(report));
    }

    [Test]
    public void Failed_LongReport_KeepsTheFailedStepAndWhatWasUndone()
    {
        var report = Report(steps: 200, attributeBytes: 40);
        var told = Refused.Of(Refusal.Failed([Sample("short")], report)).Report;
        Assert.That(told.CalculateSize(), Is.LessThanOrEqualTo(4096));
        Assert.That(told.Changes.Select(c => (c.Step, c.Progress)), Is.EqualTo(new[] { (200u, ChangeProgress.Failed) }));
        Assert.That(told.Changes[0].Attributes, Has.Count.EqualTo(1));
        Assert.That(told.Undone, Is.EqualTo(report.Undone));
        Assert.That((told.Outcome, told.Generation, told.RequestId), Is.EqualTo((report.Outcome, report.Generation, report.RequestId)));
    }

    [Test]
    public void Failed_MuchUndone_KeepsWhatIsNotAsBefore()
    {
        var report = Report(steps: 5000, attributeBytes: 40);
        report.Undone.Steps[7].Restored = false;
        var told = Refused.Of(Refusal.Failed([Sample("short")], report)).Report;
        Assert.That(told.Undone.Steps.Select(s => s.Step), Is.EqualTo(new[] { report.Undone.Steps[7].Step }));
        Assert.That((told.Undone.Reason, told.Changes.Single().Step), Is.EqualTo((report.Undone.Reason, 5000u)));
    }

    [TestCase("x", 10)]
    [TestCase("x", 30)]
    [TestCase("ü", 15)]
    [TestCase("x", 5000)]
    [TestCase("ü", 5000)]
    [TestCase("\ud83d\ude00", 5000)]
    [TestCase("\0", 5000)]
    public void Failed_Anything_FitsIntoHeaders(string letter, int steps)
    {
        var text = string.Concat(Enumerable.Repeat(letter, 5_000));
        var report = Report(steps, attributeBytes: 500);
        foreach (var step in report.Undone.Steps)
        {
            step.Restored = false;
            step.Failure = new V1.Failure { Message = text[..100] };
        }

        report.RequestId = new string('r', 128);
        var failures = Enumerable.Range(0, 20).Select(_ => Sample(text)).ToList();
        var refused = Refused.Of(Refusal.Failed(failures, report));
        Assert.That(refused.TrailerBytes, Is.LessThan(HeaderLimit));
        Assert.That(refused.Report.Outcome, Is.EqualTo(report.Outcome));
        Assert.That(refused.Failure.Message, Does.StartWith(letter).And.EndWith("…"));
        Assert.That(refused.Violations, Is.Not.Empty);
    }

    [Test]
    public void Failed_AfterAnUndo_SaysHowItIsNow()
    {
        var report = Report(steps: 1, attributeBytes: 1);
        Assert.That(Words(report), Does.EndWith(". What was done is taken back"));
        report.Outcome = ChangeOutcome.FailedIncomplete;
        Assert.That(Words(report), Does.EndWith(". Not all that was done could be taken back"));
        report.Undone = null;
        report.Outcome = ChangeOutcome.FailedUndone;
        Assert.That(Words(report), Is.EqualTo("network n: short"));

        static string Words(ChangeReport report) => Refused.Of(Refusal.Failed([Sample("short") with { Evidence = "", Remedy = "", FieldPath = "" }], report)).Words;
    }

    [Test]
    public void NotInThisVersion_OfMuch_FitsIntoHeaders()
    {
        var asked = Enumerable.Range(0, 10_000).Select(i => new Core.Validation.Violation($"config.networks[{i}].security.mode", "SECURITY_GROUPS")).ToList();
        var refused = Refused.Of(Refusal.NotInThisVersion(asked, "1.2.3"));
        Assert.That(refused.TrailerBytes, Is.LessThan(HeaderLimit));
        Assert.That(refused.Words, Does.Contain("and 9984 more: part of the contract, and this agent (1.2.3) does not do it yet"));
    }

    private static ChangeReport Report(int steps, int attributeBytes)
    {
        var report = new ChangeReport
        {
            RequestId = "r",
            Outcome = ChangeOutcome.FailedUndone,
            Generation = 7,
            PreviousGeneration = 7,
            Undone = new Undo { Cause = UndoCause.StepFailed, Reason = "the kernel refused it", Complete = true },
        };
        for (var i = 1u; i <= steps; i++)
        {
            report.Changes.Add(new Change
            {
                Step = i,
                Action = ChangeAction.Create,
                Progress = i == steps ? ChangeProgress.Failed : ChangeProgress.Undone,
                Attributes = { new AttributeChange { Name = "mtu", After = new string('9', attributeBytes) } },
            });
            report.Undone.Steps.Add(new UndoneStep { Step = i, Restored = true });
        }

        return report;
    }

    private static Failure Sample(string text) => new()
    {
        Kind = text.Length > 100 ? FailureKind.InvalidArgument : FailureKind.FailedPrecondition,
        Operation = text,
        Subject = ObjectRef.Network(text.Length > 100 ? text : "n"),
        Reason = text,
        Message = text,
        Evidence = text,
        Remedy = text,
        FieldPath = text.Length > 100 ? text : "",
    };
}
