namespace Cloudbr.Agent.Linux.Process;

/// <summary>
/// Where a tool lies: on PATH, or where distributions put the system's tools, which a PATH need not name. .NET would look
/// beside the program and in the current directory first, and so run as root whatever somebody left there.
/// </summary>
internal static class ToolPath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] SystemDirectories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The tool's file, or null if there is none.</summary>
    public static string? Find(string name) => Find(name, Environment.GetEnvironmentVariable("PATH") ?? "");

    internal static string? Find(string name, string searchPath) => Path.IsPathFullyQualified(name)
        ? Existing(name)
        : name.Contains('/', StringComparison.Ordinal)
            ? throw new ArgumentException($"'{name}' depends on the current directory; give a name or an absolute path.", nameof(name))
            : searchPath.Split(':').Concat(SystemDirectories)
                .Where(Path.IsPathFullyQualified)
                .Select(directory => Existing(Path.Combine(directory, name)))
                .FirstOrDefault(file => file is not null);

    private static string? Existing(string file) =>
        File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0 ? file : null;
}
