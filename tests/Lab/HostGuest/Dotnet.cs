namespace Cloudbr.Agent.Lab.HostGuest;

/// <summary>How the machine's .NET is made to run in a guest where only one folder can be written.</summary>
internal static class Dotnet
{
    private static string Root => Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    internal static IReadOnlyList<string> Environment(string writableDirectory) =>
    [
        $"PATH={Root}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        $"DOTNET_ROOT={Root}",
        $"DOTNET_CLI_HOME={writableDirectory}",
        "DOTNET_CLI_TELEMETRY_OPTOUT=1",
        "DOTNET_NOLOGO=1",
        // One CPU and a short life: no time for a second compilation, no debugger's pipes.
        "DOTNET_EnableDiagnostics=0",
        "DOTNET_TieredPGO=0",
    ];
}
