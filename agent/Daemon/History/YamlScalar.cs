using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Daemon.History;

/// <summary>
/// A text as YAML writes it: as it is where every reader, of YAML 1.1 or 1.2, takes it for that text, in double quotes everywhere else.
/// </summary>
internal static class YamlScalar
{
    private const string PlainPunctuation = "_./-+@,()= ";

    /// <summary>What some reader takes for a truth value or for nothing.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "y", "n", "yes", "no", "on", "off", "true", "false", "null" };

    public static string Of(string text) => IsPlain(text) ? text : Quote(text);

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || Words.Contains(text) || text[^1] == ' ')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !PlainPunctuation.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        // Of what begins with a digit only these two are surely no number, no date and no time.
        return char.IsAsciiLetter(text[0])
            || (Guid.TryParseExact(text, "D", out _) && text.All(c => char.IsAsciiHexDigit(c) || c == '-'))
            || (IpPrefix.TryParse(text, out var prefix) && prefix.IsIpv4);
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append((char)rune.Value);
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case > 0xffff when IsHidden(rune):
                    quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
                    break;
                case var value when IsHidden(rune):
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{value:X4}");
                    break;
                default:
                    quoted.Append(rune.ToString());
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>What a reader cannot see, or what would make him see something else, such as a change of the writing direction.</summary>
    private static bool IsHidden(Rune rune) => rune.Value != ' ' && Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
