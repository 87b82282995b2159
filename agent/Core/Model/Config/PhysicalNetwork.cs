using System.Net;

namespace Cloudbr.Agent.Core.Model.Config;

/// <summary>A label naming the bridge or uplink that carries some traffic types.</summary>
public sealed record PhysicalNetwork
{
    public required string Label { get; init; }

    public ValueList<TrafficType> TrafficTypes { get; init; }

    public PhysicalNetworkMode Mode { get; init; }

    /// <summary>Empty: what is found under the bridge, or the label itself.</summary>
    public string Uplink { get; init; } = "";

    /// <summary>Null: as found, and never changed.</summary>
    public int? Mtu { get; init; }

    public BridgeOptions? Bridge { get; init; }

    /// <summary>Null: the first global address of the bridge or the uplink.</summary>
    public IPAddress? TunnelAddress { get; init; }
}

public enum TrafficType
{
    Management,
    Public,
    Guest,
    Storage,
}

public enum PhysicalNetworkMode
{
    /// <summary>An operator's tool owns bridge and uplink; the agent changes nothing.</summary>
    CheckOnly,

    /// <summary>The agent makes or adopts the bridge and puts the uplink under it.</summary>
    Manage,
}
