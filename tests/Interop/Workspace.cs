namespace Cloudbr.Agent.Interop;

/// <summary>Where things are: the source tree, what is kept under out/, and what lasts for this test run only.</summary>
internal static class Workspace
{
    private static readonly Lazy<DirectoryInfo> Run = new(() => Directory.CreateTempSubdirectory("interop-"));

    public static string Source { get; } = Path.Combine(Root(), "tests", "Interop");

    public static string Protos { get; } = Path.Combine(Source, "protos");

    /// <summary>The agent's own contract.</summary>
    public static string Contract { get; } = Path.Combine(Root(), "protos");

    /// <summary>The node modules of the foreign client: kept, because fetching them takes longer than all cases.</summary>
    public static string Node { get; } = Path.Combine(Root(), "out", "interop", "node");

    /// <summary>The Python code that protoc makes of the protos.</summary>
    public static string PythonStubs => Temporary("stubs");

    /// <summary>The Python code that protoc makes of the agent's contract.</summary>
    public static string AgentStubs => Temporary("agent-stubs");

    /// <summary>A path in a folder that goes when the run ends. Short: a Unix socket's path has at most 107 bytes.</summary>
    public static string Temporary(string name) => Path.Combine(Run.Value.FullName, name);

    public static void DeleteTemporary()
    {
        if (Run.IsValueCreated)
        {
            Run.Value.Delete(recursive: true);
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Agent.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no Agent.sln above {AppContext.BaseDirectory}");
    }
}
