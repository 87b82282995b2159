namespace Cloudbr.Agent.Testing.Processes;

/// <summary>A program ended with another exit code than 0.</summary>
public sealed class CommandFailedException(CommandResult result) : Exception(result.ToString())
{
    public CommandResult Result { get; } = result;
}
