using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>One open problem as one line.</summary>
internal static class FindingLine
{
    public static string Of(Finding finding)
    {
        var remedy = finding.Remedy.Length > 0 ? $". What to do: {finding.Remedy}" : "";
        var times = finding.TimesSeen > 1 ? $" (seen {finding.TimesSeen} times)" : "";
        return $"{Words.Of(finding.Severity)} {finding.Code}{times}: {finding.Message}{remedy}".ReplaceLineEndings(" ");
    }
}
