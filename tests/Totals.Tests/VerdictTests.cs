namespace Cloudbr.Agent.Totals.Tests;

public class VerdictTests
{
    [Test]
    public void On_SeveralSuites_CountsEveryRun()
    {
        var verdict = Verdict.On([
            Suite("unit", Run("unit", "A", Outcome.Passed), Run("unit", "B", Outcome.Skipped, "not today")),
            Suite("lab", Run("lab", "C", Outcome.Passed), Run("kernel-in-lab", "D", Outcome.Passed)),
            new SuiteResult("style", 0, [], IsCheck: true),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("4 passed, 0 failed, 1 skipped"));
        Assert.That(verdict.Skipped.Single(), Is.EqualTo("unit: B\n    not today"));
        Assert.That(verdict.Succeeded);
    }

    [Test]
    public void On_AFailedTest_NamesItWithItsReason()
    {
        var verdict = Verdict.On([new SuiteResult("unit", 1, [Run("unit", "A", Outcome.Failed, "expected 1\nbut was 2")])]);

        Assert.That(verdict.LastLine, Is.EqualTo("0 passed, 1 failed, 0 skipped"));
        Assert.That(verdict.Failed.Single(), Is.EqualTo("unit: A\n    expected 1\n    but was 2"));
        Assert.That(verdict.Succeeded, Is.False);
    }

    [Test]
    public void On_AFailedTestWithALongReason_ShowsItsBeginningAndItsEnd()
    {
        var verdict = Verdict.On([new SuiteResult("lab", 1, [Run("lab", "A", Outcome.Failed, $"first{new string('x', 50_000)}last")])]);

        Assert.That(verdict.Failed.Single(), Does.StartWith("lab: A\n    first").And.EndsWith("last").And.Length.LessThan(4000));
    }

    [TestCase(0)]
    [TestCase(134)]
    public void On_ASuiteWithoutResults_Fails(int exitCode)
    {
        var verdict = Verdict.On([new SuiteResult("interop", exitCode, [])]);

        Assert.That(verdict.Failed, Has.Exactly(1).StartsWith("interop: no test ran"));
    }

    [Test]
    public void On_ASuiteThatCrashedAfterSomePasses_Fails()
    {
        var verdict = Verdict.On([new SuiteResult("unit", 134, [Run("unit", "A", Outcome.Passed)])]);

        Assert.That(verdict.LastLine, Is.EqualTo("1 passed, 1 failed, 0 skipped"));
        Assert.That(verdict.Failed[0], Does.Contain("ended with 134"));
    }

    [Test]
    public void On_AFailedCheck_CountsItOnce()
    {
        var verdict = Verdict.On([new SuiteResult("style", 2, [], IsCheck: true)]);

        Assert.That(verdict.LastLine, Is.EqualTo("0 passed, 1 failed, 0 skipped"));
    }

    [Test]
    public void On_SkippedOnTheMachineAndPassedInTheLab_CountsOnceAsPassed()
    {
        var verdict = Verdict.On([
            Suite("kernel", Run("kernel", "Vlan", Outcome.Skipped, "needs 802.1Q")),
            Suite("lab", Run("kernel-in-lab", "Vlan", Outcome.Passed)),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("1 passed, 0 failed, 0 skipped"));
    }

    [Test]
    public void On_PassedOnTheMachineAndSkippedInTheLab_CountsOnceAsPassed()
    {
        var verdict = Verdict.On([
            Suite("kernel", Run("kernel", "Nft", Outcome.Passed)),
            Suite("lab", Run("kernel-in-lab", "Nft", Outcome.Skipped, "needs nf_tables")),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("1 passed, 0 failed, 0 skipped"));
    }

    [Test]
    public void On_SkippedInBothPlaces_FailsAndNamesIt()
    {
        var verdict = Verdict.On([
            Suite("kernel", Run("kernel", "Ovs", Outcome.Skipped, "needs OVS")),
            Suite("lab", Run("kernel-in-lab", "Ovs", Outcome.Skipped, "needs OVS too")),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("0 passed, 1 failed, 0 skipped"));
        Assert.That(verdict.Failed[0], Does.Contain("Ovs").And.Contain("neither on the machine nor in the lab").And.Contain("needs OVS too"));
    }

    [Test]
    public void On_SkippedOnTheMachineAndMissingInTheLab_Fails()
    {
        var verdict = Verdict.On([
            Suite("kernel", Run("kernel", "Vlan", Outcome.Skipped, "needs 802.1Q")),
            Suite("lab", Run("lab", "Boot", Outcome.Passed)),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("1 passed, 1 failed, 0 skipped"));
    }

    [Test]
    public void On_FailedInOnePlaceAndPassedInTheOther_Fails()
    {
        var verdict = Verdict.On([
            Suite("kernel", Run("kernel", "Bridge", Outcome.Passed)),
            Suite("lab", Run("kernel-in-lab", "Bridge", Outcome.Failed, "no route")),
        ]);

        Assert.That(verdict.LastLine, Is.EqualTo("1 passed, 1 failed, 0 skipped"));
    }

    [Test]
    public void On_OneOfTheTwoSuitesOnly_ReportsSkipsAsSkips()
    {
        var verdict = Verdict.On([Suite("kernel", Run("kernel", "Vlan", Outcome.Skipped, "needs 802.1Q"))]);

        Assert.That(verdict.LastLine, Is.EqualTo("0 passed, 0 failed, 1 skipped"));
        Assert.That(verdict.Skipped.Single(), Is.EqualTo("kernel: Vlan\n    needs 802.1Q"));
    }

    private static SuiteResult Suite(string name, params TestRun[] runs) => new(name, 0, runs);

    private static TestRun Run(string place, string name, Outcome outcome, string reason = "") => new(place, name, outcome, reason);
}
