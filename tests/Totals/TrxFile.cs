using System.Xml.Linq;

namespace Cloudbr.Agent.Totals;

/// <summary>Reads the result files that `dotnet test` writes.</summary>
public static class TrxFile
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>The tests in the file; the place says where they ran.</summary>
    public static IReadOnlyList<TestRun> Read(string path, string place) => Parse(XDocument.Load(path), place);

    public static IReadOnlyList<TestRun> Parse(XDocument document, string place)
    {
        var classes = document.Descendants(Trx + "UnitTest").ToDictionary(
            test => (string?)test.Attribute("id") ?? "",
            test => (string?)test.Element(Trx + "TestMethod")?.Attribute("className") ?? "");
        return document.Descendants(Trx + "UnitTestResult").Select(result => new TestRun(
            place,
            $"{classes.GetValueOrDefault((string?)result.Attribute("testId") ?? "")}.{(string?)result.Attribute("testName")}",
            OutcomeOf(result),
            ReasonOf(result))).ToList();
    }

    private static Outcome OutcomeOf(XElement result) => (string?)result.Attribute("outcome") switch
    {
        "Passed" or "Warning" => Outcome.Passed,
        "NotExecuted" or "Inconclusive" => Outcome.Skipped,
        // Anything else, as Aborted or Timeout, is no success.
        _ => Outcome.Failed,
    };

    private static string ReasonOf(XElement result)
    {
        var error = result.Element(Trx + "Output")?.Element(Trx + "ErrorInfo");
        string?[] parts = [(string?)error?.Element(Trx + "Message"), OwnFrames((string?)error?.Element(Trx + "StackTrace"))];
        return string.Join('\n', parts.Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => part!.Trim()));
    }

    /// <summary>A stack trace without the test framework's and the runtime's part, which say nothing about the test.</summary>
    private static string? OwnFrames(string? trace) => trace is null
        ? null
        : string.Join('\n', trace.Split('\n').Select(line => line.TrimEnd()).Where(IsOwn).Distinct());

    private static bool IsOwn(string line) => line.TrimStart() is var frame
        && frame.StartsWith("at ", StringComparison.Ordinal)
        && !frame.StartsWith("at NUnit.", StringComparison.Ordinal)
        && !frame.StartsWith("at System.", StringComparison.Ordinal);
}
