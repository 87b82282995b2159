using System.Runtime.InteropServices;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Sysctl;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>Asks the kernel and the distribution who they are.</summary>
public static class HostFacts
{
    public static HostIdentity Read() => new(
        SysctlTree.Read("kernel.hostname") ?? Environment.MachineName,
        SysctlTree.Read("kernel.osrelease") ?? "",
        OsRelease.PrettyName(),
        SysctlTree.Read("kernel.random.boot_id") ?? "",
        MachineName(RuntimeInformation.OSArchitecture));

    /// <summary>The architecture as <c>uname -m</c> names it.</summary>
    private static string MachineName(Architecture architecture) => architecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
