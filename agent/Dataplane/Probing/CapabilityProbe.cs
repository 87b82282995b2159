using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Firewall.Tools;
using Cloudbr.Agent.Linux.Host;
using Cloudbr.Agent.Linux.Process;

namespace Cloudbr.Agent.Dataplane.Probing;

/// <summary>Finds out by trying what this host has. Changes nothing.</summary>
public static class CapabilityProbe
{
    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(5);

    public static async Task<HostCapabilities> RunAsync(CancellationToken cancellationToken) => new(
        HostFacts.Read(),
        await Task.WhenAll(ToolVersion.Tools.Select(t => ProbeAsync(t, cancellationToken))).ConfigureAwait(false));

    internal static async Task<FirewallTool> ProbeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var result = await Tool.RunAsync(name, ["--version"], ToolTimeout, cancellationToken).ConfigureAwait(false);
            return result.ExitCode == 0
                ? ToolVersion.Parse(name, result.Output)
                : Unusable(name, Availability.Unknown, $"{name} --version failed with exit code {result.ExitCode}: {result.Error.Trim()}");
        }
        catch (ToolException e)
        {
            return e.IsMissing
                ? Unusable(name, Availability.Missing, $"{name} is not installed")
                : Unusable(name, Availability.Unknown, e.Message);
        }
    }

    private static FirewallTool Unusable(string name, Availability availability, string reason) =>
        new(name, "", FirewallBackend.Unknown, availability, reason);
}
