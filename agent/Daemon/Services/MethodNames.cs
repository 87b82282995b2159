namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Names of rpcs as people read them.</summary>
internal static class MethodNames
{
    /// <summary>"HostNetwork/Implement" of "/cloudbr.agent.v1.HostNetwork/Implement".</summary>
    public static string Short(string fullName) => fullName[(fullName.LastIndexOf('.') + 1)..].TrimStart('/');
}
