namespace Cloudbr.Agent.Linux.Host;

/// <summary>Which tables of legacy xtables this network namespace has. Looking at one with its tool would make it.</summary>
public static class LegacyTables
{
    private static readonly string[] Known = ["filter", "nat", "mangle", "raw", "security"];

    /// <param name="isV6">Those of IPv6.</param>
    /// <param name="root">Of another file system than this host's.</param>
    public static IReadOnlyList<string> Names(bool isV6, string root = "/")
    {
        var names = Path.Combine(root, "proc/thread-self/net", isV6 ? "ip6_tables_names" : "ip_tables_names");
        try
        {
            return File.ReadAllText(names).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (UnauthorizedAccessException)
        {
            // The list is root's alone, and the service is not root. A table's module is loaded only if somebody used it.
            return [.. Known.Where(table => Directory.Exists(Path.Combine(root, "sys/module", $"{(isV6 ? "ip6" : "ip")}table_{table}")))];
        }
        catch (IOException)
        {
            // This kernel has none at all.
            return [];
        }
    }
}
