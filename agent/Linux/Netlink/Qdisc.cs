using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// A queueing discipline of a device: which one, and how it is set only for a token bucket. Handles are the kernel's numbers, the major one in the upper half;
/// a <paramref name="Parent"/> of 0xffffffff is the root.
/// </summary>
public sealed record Qdisc(int Link, string Kind, uint Handle, uint Parent)
{
    /// <summary>Null for what is no token bucket.</summary>
    public TokenBucket? Bucket { get; init; }
}
