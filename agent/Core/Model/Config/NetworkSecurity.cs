namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>
/// Security groups with anti-spoofing for a network's ports, fail-closed: a port on its bridge that was never prepared gets nothing
/// through. A network that has none is not filtered at all.
/// </summary>
/// <param name="ExtraEthertypes">Ethernet types besides ARP, IPv4 and IPv6 that guests may send and get.</param>
public sealed record NetworkSecurity(ValueList<int> ExtraEthertypes);
