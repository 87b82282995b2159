namespace Cloudbr.Agent.Testing;

/// <summary>Where things lie in the source tree that the running tests were built from.</summary>
public static class Repository
{
    private static readonly Lazy<string> RootFound = new(FindRoot);

    public static string Root => RootFound.Value;

    /// <summary>`Release` or `Debug`, whichever the running tests are.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Test results and what helps to understand them.</summary>
    public static string ResultsDirectory => Directory.CreateDirectory(Path.Combine(Root, "out", "tests")).FullName;

    /// <summary>A project's built output beside this one's.</summary>
    public static string BuiltFile(string project, string file) =>
        Path.Combine(Root, project, "bin", Configuration, new DirectoryInfo(AppContext.BaseDirectory).Name, file);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Agent.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"no Agent.sln above {AppContext.BaseDirectory}");
    }
}
