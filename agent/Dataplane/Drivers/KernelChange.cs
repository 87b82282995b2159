using System.Collections.Immutable;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>What the kernel's reports were about: where to look for drift.</summary>
public sealed record KernelChange
{
    public static readonly KernelChange None = new();

    /// <summary>Reports were lost and everything was read anew: anything may be different.</summary>
    public static readonly KernelChange Anything = new() { ReadAnew = true };

    public bool ReadAnew { get; init; }

    /// <summary>Settings that the agent reads were written.</summary>
    public bool Settings { get; init; }

    /// <summary>Somebody else changed the agent's part of the packet filter.</summary>
    public bool Filter { get; init; }

    /// <summary>Addresses came or went on these: on a tenant's segment that means that somebody switched IPv6 on, which is not reported.</summary>
    public ImmutableHashSet<string> Addressed { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>By name, those that are gone too, and by both names those that were renamed.</summary>
    public ImmutableHashSet<string> Devices { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
}
