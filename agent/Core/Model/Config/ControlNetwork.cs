namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>The link-local network between the host and its system VMs.</summary>
public sealed record ControlNetwork(string Bridge, IpPrefix Address, int? Mtu)
{
    public const string DefaultBridge = "cloud0";

    public static readonly IpPrefix DefaultAddress = IpPrefix.Parse("169.254.0.1/16");
}
