namespace Cloudbr.Agent.Dataplane.History;

/// <summary>git failed, in its own words, or cannot be run.</summary>
internal sealed class GitException(string message, bool isRefusal) : Exception(message)
{
    /// <summary>git ran and said no; otherwise it could not be run to its end.</summary>
    public bool IsRefusal { get; } = isRefusal;
}
