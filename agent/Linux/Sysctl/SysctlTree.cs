namespace Cloudbr.Agent.Linux.Sysctl;

/// <summary>Kernel settings and facts under /proc/sys, by their dotted names.</summary>
public static class SysctlTree
{
    private const string Root = "/proc/sys";

    /// <summary>The value, or null if this kernel has no such setting.</summary>
    public static string? Read(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name)).TrimEnd('\n');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static string PathOf(string name)
    {
        var parts = name.Split('.');
        if (parts.Any(p => p.Length == 0 || p.Contains('/', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{name}' is no name of a kernel setting.", nameof(name));
        }

        return Path.Combine([Root, .. parts]);
    }
}
