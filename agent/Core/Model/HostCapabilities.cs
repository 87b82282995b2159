namespace Cloudbr.Agent.Core.Model;

/// <summary>What was found on this host by trying.</summary>
public sealed record HostCapabilities(HostIdentity Host, IReadOnlyList<FirewallTool> FirewallTools);
