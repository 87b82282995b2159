using System.Text;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>The distribution, as /etc/os-release names it.</summary>
public static class OsRelease
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
        return value is ['"', .. var doubleQuoted, '"'] ? Unescape(doubleQuoted)
            : value is ['\'', .. var singleQuoted, '\''] ? singleQuoted
            : value;
    }

    /// <summary>As in a shell, a backslash escapes these and stands for itself before anything else.</summary>
    private static string Unescape(string quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length && quoted[i + 1] is '"' or '$' or '`' or '\\')
            {
                i++;
            }

            text.Append(quoted[i]);
        }

        return text.ToString();
    }
}
