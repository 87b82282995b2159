namespace Cloudbr.Agent.Lab.Uml;

/// <summary>A guest died, hung or never came up. The message ends with its console.</summary>
public sealed class GuestException(string what, GuestConsole console) : Exception($"{what}\n{console.Report()}")
{
    /// <summary>The message without the console.</summary>
    public string What { get; } = what;
}
