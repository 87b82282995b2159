using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Firewall.Rules;

/// <summary>All that this host's packet filter is to do for the agent.</summary>
public sealed record FirewallIntent
{
    public static readonly FirewallIntent Empty = new();

    /// <summary>The networks with security groups, by id.</summary>
    public ImmutableSortedDictionary<string, SecuredNetwork> Networks { get; init; } =
        ImmutableSortedDictionary.Create<string, SecuredNetwork>(StringComparer.Ordinal);

    /// <summary>The address groups that rules name, by name.</summary>
    public ImmutableDictionary<string, AddressGroup> Groups { get; init; } =
        ImmutableDictionary.Create<string, AddressGroup>(StringComparer.Ordinal);

    /// <summary>Null: no rules for the host's own services.</summary>
    public HostServices? Host { get; init; }

    /// <summary>
    /// Whether frames can be matched by the bridge they are on. Without it only IPv4 and IPv6 are kept from a port that was never
    /// prepared.
    /// </summary>
    public bool MatchesBridges { get; init; } = true;
}

/// <summary>A network whose ports are filtered.</summary>
/// <param name="Id">The network's id.</param>
/// <param name="Bridge">Its bridge in the kernel.</param>
/// <param name="Device">What leads from the bridge to other hosts; empty: nothing does.</param>
/// <param name="Zone">Keeps its connections apart from those of networks with the same addresses; 0: it shares the host's own.</param>
/// <param name="ExtraEthertypes">What guests may send and get besides ARP, IPv4 and IPv6.</param>
/// <param name="Ports">By NIC id.</param>
public sealed record SecuredNetwork(
    string Id, string Bridge, string Device, ushort Zone, ValueList<int> ExtraEthertypes, ImmutableSortedDictionary<string, FilteredPort> Ports);

/// <param name="Port">What is wished for.</param>
/// <param name="Device">The port's device in its place on the bridge; empty: it is not there, and nothing leads to its rules.</param>
public sealed record FilteredPort(Port Port, string Device);

/// <param name="Access">Who may reach them.</param>
/// <param name="AgentPort">Where the agent listens; null: not on TCP.</param>
/// <param name="TunnelPorts">The UDP ports of VXLAN in use, sorted.</param>
/// <param name="ProbePort">The UDP port that probes arrive at.</param>
public sealed record HostServices(HostAccess Access, int? AgentPort, ValueList<int> TunnelPorts, int ProbePort);
