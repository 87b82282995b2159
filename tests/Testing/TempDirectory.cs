namespace Cloudbr.Agent.Testing;

/// <summary>A directory for one test, gone with everything in it afterwards. Its path is short enough for a Unix socket's.</summary>
public sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cloudbr-").FullName;

    /// <summary>The path of a file in it, which need not be there.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file in it and returns its path.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
