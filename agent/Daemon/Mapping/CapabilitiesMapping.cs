using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class CapabilitiesMapping
{
    public static Capabilities ToMessage(HostCapabilities capabilities)
    {
        var host = capabilities.Host;
        var message = new Capabilities
        {
            Host = new HostInfo
            {
                Hostname = host.Hostname,
                KernelRelease = host.KernelRelease,
                OsName = host.OsName,
                BootId = host.BootId,
                Architecture = host.Architecture,
            },
        };
        message.FirewallTools.Add(capabilities.FirewallTools.Select(ToMessage));
        return message;
    }

    private static V1.FirewallTool ToMessage(Core.Model.FirewallTool tool) => new()
    {
        Name = tool.Name,
        Version = tool.Version,
        Backend = tool.Backend switch
        {
            Core.Model.FirewallBackend.None => V1.FirewallBackend.Unspecified,
            Core.Model.FirewallBackend.Nft => V1.FirewallBackend.Nft,
            Core.Model.FirewallBackend.Legacy => V1.FirewallBackend.Legacy,
            _ => V1.FirewallBackend.Unknown,
        },
        State = tool.Availability switch
        {
            Availability.Available => FeatureState.Available,
            Availability.Missing => FeatureState.Missing,
            _ => FeatureState.Unknown,
        },
        Reason = tool.Reason,
    };
}
