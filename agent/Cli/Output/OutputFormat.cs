namespace Cloudbr.Agent.Cli.Output;

internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For programs: the messages of the contract, one a line.</summary>
    Json,
}
