namespace Cloudbr.Agent.Linux.Sysctl;

/// <summary>
/// Kernel settings and facts under /proc/sys. Names have dots, as <c>kernel.hostname</c>; or slashes where a part itself may have a
/// dot, as a VLAN device's name in <c>net/ipv6/conf/eth0.100/disable_ipv6</c>.
/// </summary>
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

    /// <summary>Sets it; throws <see cref="IOException"/> if this kernel has no such setting or does not take the value.</summary>
    public static void Write(string name, string value)
    {
        var path = PathOf(name);
        try
        {
            // Opened as it is: truncating or creating means nothing there.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(value + "\n"), 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"sysctl {name}={value}: {e.Message}", e);
        }
    }

    internal static string PathOf(string name)
    {
        var parts = name.Split(name.Contains('/', StringComparison.Ordinal) ? '/' : '.');
        if (parts.Any(p => p is "" or "." or ".." || p.Contains('\0', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{name}' is no name of a kernel setting.", nameof(name));
        }

        return Path.Combine([Root, .. parts]);
    }
}
