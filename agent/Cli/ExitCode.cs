namespace Cloudbr.Agent.Cli;

/// <summary>What scripts can rely on.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The agent answered with an error, or is not serving.</summary>
    public const int Refused = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;

    /// <summary>The agent could not be reached.</summary>
    public const int Unreachable = 3;
}
