using System.Globalization;

namespace Cloudbr.Agent.Firewall.Rendering;

/// <summary>
/// Says in a rule that is counted which of its port's rules it belongs to: by its place, for a rule's name is anybody's text and need not
/// be there.
/// </summary>
internal static class RuleMark
{
    private const string Head = "--comment \"rule:";

    public static string Write(int place) => Spelling.Comment(string.Create(CultureInfo.InvariantCulture, $"rule:{place}"));

    /// <summary>Null for what is none of the port's rules.</summary>
    public static int? Read(ReadOnlySpan<char> rule)
    {
        var at = rule.IndexOf(Head);
        if (at < 0)
        {
            return null;
        }

        var rest = rule[(at + Head.Length)..];
        var end = rest.IndexOf('"');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : null;
    }
}
