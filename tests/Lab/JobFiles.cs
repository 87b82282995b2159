using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Lab;

/// <summary>A command and what came of it, as files in a folder that the host and a guest share.</summary>
internal sealed class JobFiles(string directory)
{
    internal string Directory { get; } = System.IO.Directory.CreateDirectory(directory).FullName;

    internal void Write(IReadOnlyList<string> arguments, string? input = null, params IReadOnlyList<string> environment)
    {
        File.WriteAllText(At("argv"), Terminated(arguments));
        File.WriteAllText(At("env"), Terminated(environment));
        File.WriteAllText(At("stdin"), input);
    }

    internal CommandResult Read(IReadOnlyList<string> arguments, int exitCode) =>
        new(arguments, exitCode, Text("stdout"), Text("stderr"));

    internal string Text(string name) => File.Exists(At(name)) ? File.ReadAllText(At(name)) : "";

    private string At(string name) => Path.Combine(Directory, name);

    private static string Terminated(IEnumerable<string> strings) => string.Concat(strings.Select(s => s + '\0'));
}
