using System.Globalization;
using System.Text.RegularExpressions;

namespace Cloudbr.Agent.Firewall.Programming;

/// <summary>What a restore tool's complaint says: which line of what it was told, and what stands around it.</summary>
public static partial class RestoreFailure
{
    private const int LinesAround = 2;

    /// <summary>The line it complains of, from 1; null if it names none.</summary>
    public static int? Line(string error) =>
        LineNumber().Match(error) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? line
            : null;

    /// <summary>
    /// Whether a tool that says it succeeded complains of a line all the same: those tools have words for what they pass over. Other
    /// warnings are no failure.
    /// </summary>
    public static bool LeftSomethingOut(string error) =>
        Line(error) is not null || error.Contains("is ignored", StringComparison.OrdinalIgnoreCase) || error.Contains("ignoring line", StringComparison.OrdinalIgnoreCase);

    /// <summary>The line and those around it, each with its number, for a log.</summary>
    public static string Around(string text, int line)
    {
        var lines = text.Split('\n');
        var first = Math.Max(1, line - LinesAround);
        var last = Math.Min(lines.Length, line + LinesAround);
        return first > last ? "" : string.Join("; ", Enumerable.Range(first, last - first + 1).Select(n => string.Create(CultureInfo.InvariantCulture, $"{n}: {lines[n - 1]}")));
    }

    /// <summary>The chain that the line it complains of is about; empty if that cannot be told.</summary>
    public static string Chain(string evidence)
    {
        var rule = Line(evidence) is { } line ? string.Create(CultureInfo.InvariantCulture, $" {line}: -A ") : null;
        var at = rule is null ? -1 : evidence.IndexOf(rule, StringComparison.Ordinal);
        return at < 0 ? "" : evidence[(at + rule!.Length)..].Split(' ')[0];
    }

    [GeneratedRegex(@"(?:occurred at line: |\bline )(\d+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LineNumber();
}
