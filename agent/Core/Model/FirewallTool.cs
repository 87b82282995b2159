namespace Cloudbr.Agent.Core.Model;

/// <summary>Where a tool of the packet filter keeps its rules.</summary>
public enum FirewallBackend
{
    /// <summary>The tool has no such choice.</summary>
    None,
    Nft,
    Legacy,

    /// <summary>It could not be found out.</summary>
    Unknown,
}

public enum Availability
{
    Available,
    Missing,

    /// <summary>It could not be tried.</summary>
    Unknown,
}

/// <summary>One tool of the packet filter on this host. <paramref name="Reason"/> says why it cannot be used.</summary>
public sealed record FirewallTool(string Name, string Version, FirewallBackend Backend, Availability Availability, string Reason);
