using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>One filter of what comes in at a device; what it does only if it bears the agent's priority.</summary>
public sealed record IngressFilter(int Link, int Priority)
{
    public TokenBucket? Police { get; init; }

    /// <summary>The device that everything goes through; 0 if that is gone.</summary>
    public int? RedirectTo { get; init; }
}
