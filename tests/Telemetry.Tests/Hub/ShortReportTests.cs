using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests.Hub;

/// <summary>Reports that are too long for an event.</summary>
internal sealed class ShortReportTests
{
    [Test]
    public void Short_IsTheSame()
    {
        var report = Samples.Report([.. Enumerable.Range(1, ShortReport.MostSteps).Select(i => Samples.Step(i))]);
        Assert.That(ShortReport.Of(report), Is.SameAs(report));
    }

    [Test]
    public void Long_HasTheFirstSteps_AndSaysHowManyThereWere()
    {
        var cut = ShortReport.Of(Samples.Report([.. Enumerable.Range(1, 20_000).Select(i => Samples.Step(i))]));
        Assert.That(cut.Changes.Select(c => c.Number), Is.EqualTo(Enumerable.Range(1, ShortReport.MostSteps)));
        Assert.That(cut.Warnings, Has.Count.EqualTo(1));
        Assert.That(cut.Warnings[0].Reason, Is.EqualTo("REPORT_SHORTENED"));
        Assert.That(cut.Warnings[0].Message, Does.Contain("256 of 20000 steps,").And.Not.Contain("warnings"));
    }

    [Test]
    public void Long_WhatWentWrong_IsThereWithItsOwnNumber()
    {
        var steps = Enumerable.Range(1, 1000).Select(i => Samples.Step(i, i switch
        {
            400 => StepProgress.LeftBehind,
            900 => StepProgress.Failed,
            < 900 => StepProgress.Undone,
            _ => StepProgress.Planned,
        }));
        var cut = ShortReport.Of(Samples.Report([.. steps]) with
        {
            Undone = new Undo(UndoCause.StepFailed, "", [.. Enumerable.Range(1, 899).Select(i => new UndoneStep(900 - i, i != 500, null))], false),
        });
        Assert.That(cut.Changes, Has.Count.EqualTo(ShortReport.MostSteps));
        Assert.That(cut.Changes.Select(c => c.Number), Is.Ordered.Ascending.And.Unique.And.SupersetOf(new[] { 1, 400, 900 }));
        Assert.That(cut.Changes.Select(c => c.Step.Subject.Id), Is.EqualTo(cut.Changes.Select(c => $"n{c.Number}")), "the number is its own");
        Assert.That(cut.Undone!.Steps, Has.Count.EqualTo(ShortReport.MostSteps));
        Assert.That(cut.Undone.Steps.Single(s => !s.Restored).Step, Is.EqualTo(400));
        Assert.That(cut.Warnings[0].Message, Does.Contain("256 of 1000 steps and 256 of 899 undone steps,"));
    }

    [Test]
    public void Long_AllWentWrong_IsStillCut() => Assert.That(
        ShortReport.Of(Samples.Report([.. Enumerable.Range(1, 1000).Select(i => Samples.Step(i, StepProgress.LeftBehind))])).Changes.Select(c => c.Number),
        Is.EqualTo(Enumerable.Range(1, ShortReport.MostSteps)));

    [Test]
    public void ManyWarnings_AreCutAndCounted()
    {
        var cut = ShortReport.Of(Samples.Report() with
        {
            Warnings = [.. Enumerable.Range(0, 4000).Select(i => new ChangeWarning("W", ObjectRef.Network($"n{i}"), $"{i}"))],
        });
        Assert.That(cut.Warnings, Has.Count.EqualTo(1 + ShortReport.MostWarnings));
        Assert.That(cut.Warnings[0].Message, Does.Contain("only 64 of 4000 warnings,"));
    }

    [Test]
    public void Size_GrowsWithWhatIsInIt()
    {
        var one = RetainedEvent.Of(Samples.Report(Samples.Step(1)), []).Bytes;
        var two = RetainedEvent.Of(Samples.Report(Samples.Step(1), Samples.Step(2)), []).Bytes;
        Assert.That(two - one, Is.InRange(500, 2000));
        var named = RetainedEvent.Of(Samples.Report(Samples.Step(1)), ["another"]).Bytes;
        Assert.That(named, Is.GreaterThan(one));
    }
}
