using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Testing.Processes;

/// <summary>How a built .NET program is started, wherever the SDK that runs these tests lies.</summary>
public static class DotnetProgram
{
    /// <summary>The folder of the runtime, two above the shared framework's version.</summary>
    private static readonly string Root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>A program's own executable, such as <c>cloudbr-agent</c>.</summary>
    public static IReadOnlyList<string> Executable(string path, params IReadOnlyList<string> arguments) =>
        ["env", $"DOTNET_ROOT={Root}", path, .. arguments];

    /// <summary>The Main of an assembly, such as one of a test project's own.</summary>
    public static IReadOnlyList<string> Assembly(string path, params IReadOnlyList<string> arguments) =>
        [Path.Combine(Root, "dotnet"), "exec", path, .. arguments];
}
