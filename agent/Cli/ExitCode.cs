namespace Cloudbr.Agent.Cli;

/// <summary>What scripts can rely on.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The agent answered with an error, or is not serving.</summary>
    public const int Refused = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;

    /// <summary>The agent could not be reached, or was lost.</summary>
    public const int Unreachable = 3;

    /// <summary>Ctrl-C before there was an answer; as shells count it.</summary>
    public const int Interrupted = 130;
}
