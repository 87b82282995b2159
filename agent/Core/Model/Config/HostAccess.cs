namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>Who may reach the host's own services, whatever else its firewall says.</summary>
/// <param name="ManagementCidrs">Management servers, which may reach the agent's own port.</param>
/// <param name="PeerCidrs">Other hosts, which may reach the VXLAN ports in use and the probe port.</param>
public sealed record HostAccess(ValueList<IpPrefix> ManagementCidrs, ValueList<IpPrefix> PeerCidrs);
