namespace Cloudbr.Agent.Core.Model;

/// <summary>Which host this is, and what it runs. All of it holds until the next boot.</summary>
public sealed record HostIdentity(string Hostname, string KernelRelease, string OsName, string BootId, string Architecture);
