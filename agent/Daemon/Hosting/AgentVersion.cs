using System.Reflection;

namespace Cloudbr.Agent.Daemon.Hosting;

internal static class AgentVersion
{
    /// <summary>"0.1.0", as the build says, without the commit that the SDK may append.</summary>
    public static string Text { get; } = typeof(AgentVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
