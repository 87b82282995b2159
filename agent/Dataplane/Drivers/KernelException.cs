using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>The kernel could not be read or written at all, in the one shape that failures have.</summary>
public sealed class KernelException(Failure failure, Exception? inner = null) : Exception(failure.Message, inner)
{
    public Failure Failure { get; } = failure;
}
