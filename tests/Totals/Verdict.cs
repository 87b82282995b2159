namespace Cloudbr.Agent.Totals;

/// <summary>What a test run amounts to, with a line or more for each failed and each skipped test.</summary>
public sealed record Verdict(int Passed, IReadOnlyList<string> Failed, IReadOnlyList<string> Skipped)
{
    private const string KernelSuite = "kernel";
    private const string LabSuite = "lab";
    private const int LongestReason = 3000;

    /// <summary>Where the lab's guests run the kernel suite again; also the folder of its results.</summary>
    public const string KernelInLab = "kernel-in-lab";

    public bool Succeeded => Failed.Count == 0;

    public string LastLine => $"{Passed} passed, {Failed.Count} failed, {Skipped.Count} skipped";

    public static Verdict On(IReadOnlyList<SuiteResult> suites)
    {
        var failed = new List<string>();
        var skipped = new List<string>();
        var passed = 0;
        foreach (var suite in suites)
        {
            if (suite.IsCheck && suite.ExitCode == 0)
            {
                passed++;
            }
            else if (suite.IsCheck)
            {
                failed.Add($"{suite.Name}: the check failed, see its log above");
            }
            else if (suite.Runs.Count == 0)
            {
                failed.Add($"{suite.Name}: no test ran (exit code {suite.ExitCode}), see its log above");
            }
            else if (suite.ExitCode != 0 && suite.Runs.All(run => run.Outcome != Outcome.Failed))
            {
                failed.Add($"{suite.Name}: no test failed, yet it ended with {suite.ExitCode}: a crash or a hang, see its log above");
            }
        }

        foreach (var run in SkippedInOnePlaceOnly(suites))
        {
            switch (run.Outcome)
            {
                case Outcome.Passed:
                    passed++;
                    break;
                case Outcome.Skipped:
                    skipped.Add(Describe(run));
                    break;
                default:
                    failed.Add(Describe(run));
                    break;
            }
        }

        return new Verdict(passed, failed, skipped);
    }

    /// <summary>
    /// A kernel test may be skipped on the machine or in the lab, not in both: the run in the other place counts and
    /// the skip is forgotten, or the two skips become one failure. Only when both suites were asked for.
    /// </summary>
    private static IEnumerable<TestRun> SkippedInOnePlaceOnly(IReadOnlyList<SuiteResult> suites)
    {
        var runs = suites.SelectMany(suite => suite.Runs).ToList();
        if (!suites.Any(suite => suite.Name == KernelSuite) || !suites.Any(suite => suite.Name == LabSuite))
        {
            return runs;
        }

        var kernel = runs.Where(run => run.Place is KernelSuite or KernelInLab).GroupBy(run => run.Name).SelectMany(Settle);
        return runs.Where(run => run.Place is not (KernelSuite or KernelInLab)).Concat(kernel);
    }

    private static IEnumerable<TestRun> Settle(IGrouping<string, TestRun> test)
    {
        var ran = test.Where(run => run.Outcome != Outcome.Skipped).ToList();
        if (ran.Count > 0)
        {
            return ran;
        }

        var reasons = string.Join('\n', test.Select(run => $"{run.Place}: {run.Reason}"));
        return [new TestRun(KernelSuite, test.Key, Outcome.Failed, $"ran neither on the machine nor in the lab\n{reasons}")];
    }

    private static string Describe(TestRun run) => $"{run.Place}: {run.Name}\n{Shorten(run.Reason)}".TrimEnd().ReplaceLineEndings("\n    ");

    /// <summary>One test's output must not hide another one's failure: the beginning and the end are enough, the log has the rest.</summary>
    private static string Shorten(string reason) => reason.Length <= LongestReason
        ? reason
        : $"{reason[..(LongestReason / 2)]}\n[... {reason.Length - LongestReason} characters ...]\n{reason[^(LongestReason / 2)..]}";
}
