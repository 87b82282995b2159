using System.Text.RegularExpressions;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>The distribution, as /etc/os-release names it.</summary>
public static partial class OsRelease
{
    /// <summary>PRETTY_NAME, or nothing where the file does not say.</summary>
    public static string PrettyName()
    {
        // The order that os-release(5) gives.
        foreach (var path in new[] { "/etc/os-release", "/usr/lib/os-release" })
        {
            if (File.Exists(path))
            {
                return PrettyNameIn(File.ReadLines(path));
            }
        }

        return "";
    }

    internal static string PrettyNameIn(IEnumerable<string> lines)
    {
        const string Key = "PRETTY_NAME=";
        var value = lines.LastOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..].Trim() ?? "";
        return value is ['"', .. var doubleQuoted, '"'] ? Escape().Replace(doubleQuoted, "$1")
            : value is ['\'', .. var singleQuoted, '\''] ? singleQuoted
            : value;
    }

    /// <summary>As in a shell, a backslash escapes these and stands for itself before anything else.</summary>
    [GeneratedRegex("""\\(["$`\\])""")]
    private static partial Regex Escape();
}
