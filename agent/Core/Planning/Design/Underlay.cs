using System.Net;
using System.Net.Sockets;
using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>
/// What a PhysicalNetwork is on this host, now or as soon as the plan that makes it is applied: what networks stand on.
/// </summary>
/// <param name="Label">The label.</param>
/// <param name="Bridge">The bridge; empty if the label names an uplink without one.</param>
/// <param name="BridgeMtu">The bridge's MTU; 0 without one.</param>
/// <param name="Uplink">The uplink; empty if the bridge has none.</param>
/// <param name="UplinkMtu">The uplink's MTU; 0 without one.</param>
/// <param name="TunnelAddress">The address to send tunnels from, if one was chosen.</param>
/// <param name="Addresses">The global addresses of bridge and uplink, the bridge's first.</param>
public sealed record Underlay(
    string Label, string Bridge, int BridgeMtu, string Uplink, int UplinkMtu, IPAddress? TunnelAddress, ValueList<IPAddress> Addresses)
{
    /// <summary>Where the host's own addresses are, and so what tunnels leave through.</summary>
    public string Device => Bridge.Length > 0 ? Bridge : Uplink;

    /// <summary>The narrowest device on the way out through the bridge, with its MTU.</summary>
    public (string Device, int Mtu) Narrowest =>
        Uplink.Length > 0 && (Bridge.Length == 0 || UplinkMtu <= BridgeMtu) ? (Uplink, UplinkMtu) : (Bridge, BridgeMtu);

    /// <summary>The chosen tunnel address, or else the first of the family that the peers have.</summary>
    public IPAddress? TunnelAddressFor(AddressFamily? family)
    {
        if (TunnelAddress is not null)
        {
            return TunnelAddress;
        }

        foreach (var address in Addresses)
        {
            if (family is null || address.AddressFamily == family)
            {
                return address;
            }
        }

        return null;
    }
}
