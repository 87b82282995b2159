using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>Whether a port's device is there.</summary>
public enum PortPresence
{
    Waiting,
    Attached,
    Detached,
    Elsewhere,
}

/// <summary>What a Port is on this host.</summary>
/// <param name="Port">What is wished for.</param>
/// <param name="Bridge">The bridge of its network.</param>
/// <param name="Device">Its device, as it is called or will be; empty while nobody knows.</param>
/// <param name="GuestMtu">What its guest must use.</param>
/// <param name="Presence">Where its device is.</param>
public sealed record PortDesign(Port Port, string Bridge, string Device, int GuestMtu, PortPresence Presence)
{
    /// <summary>Its device, if it is there.</summary>
    public string DeviceHere => Presence == PortPresence.Waiting ? "" : Device;

    /// <summary>Whether its device is where it was.</summary>
    public bool IsWhere(PortDesign other) => Presence == other.Presence && DeviceHere == other.DeviceHere;

    /// <summary>
    /// Whether its frames may be led to its rules. A port that is to be isolated is not before it is: others that are isolated would
    /// hear it.
    /// </summary>
    public bool IsReady { get; init; }

    /// <summary>How it is held to a rate, if it is to be.</summary>
    public ShapingMeans ShapedBy { get; init; }
}

/// <summary>Finds the devices of ports among those that the kernel has.</summary>
public static class PortDesigner
{
    private const byte TapPrefix = 0xfe;

    /// <summary>By NIC id. A port of a network that is not worked out for this host is not either.</summary>
    public static ImmutableDictionary<string, PortDesign> Design(Desired desired, HostState state)
    {
        if (desired.Config.Ports.IsEmpty)
        {
            return Desired.Nothing.Ports;
        }

        ILookup<MacAddress, Link>? taps = null;
        var designs = desired.Ports.ToBuilder();
        designs.RemoveRange(designs.Keys.Where(id => !desired.Config.Ports.ContainsKey(id)).ToList());
        foreach (var (id, port) in desired.Config.Ports)
        {
            if (!desired.Networks.TryGetValue(port.Network, out var network))
            {
                designs.Remove(id);
                continue;
            }

            var bridge = state.Find(network.Bridge.Name);
            var link = port.Device.Length > 0 ? state.Find(port.Device) : Choose((taps ??= Taps(state))[TapOf(port.Mac)], bridge);
            var design = new PortDesign(port, network.Bridge.Name, port.Device.Length > 0 ? port.Device : link?.Name ?? "", network.GuestMtu, PresenceOf(link, bridge))
            {
                ShapedBy = network.ShapedBy,
                IsReady = PresenceOf(link, bridge) != PortPresence.Elsewhere && (!port.IsIsolated || link is { Port.Isolated: true }),
            };
            if (!designs.TryGetValue(id, out var known) || known != design)
            {
                designs[id] = design;
            }
        }

        return designs.ToImmutable();
    }

    /// <summary>The guest's MAC with fe as its first byte, so that no bridge takes it for its own.</summary>
    public static MacAddress TapOf(MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        mac.CopyTo(bytes);
        bytes[0] = TapPrefix;
        return new MacAddress(bytes);
    }

    private static PortPresence PresenceOf(Link? link, Link? bridge) =>
        link is null ? PortPresence.Waiting
        : bridge is not null && link.Master == bridge.Index ? PortPresence.Attached
        : link.Master == 0 ? PortPresence.Detached
        : PortPresence.Elsewhere;

    /// <summary>The one on the network's bridge; or one that is on none, if it is the only one.</summary>
    private static Link? Choose(IEnumerable<Link> taps, Link? bridge)
    {
        var all = taps.ToList();
        return all.Find(t => bridge is not null && t.Master == bridge.Index)
            ?? (all.FindAll(t => t.Master == 0) is [var only] ? only : all is [var elsewhere] ? elsewhere : null);
    }

    private static ILookup<MacAddress, Link> Taps(HostState state)
    {
        return state.Links.Where(l => l.Mac is { } mac && First(mac) == TapPrefix).ToLookup(l => l.Mac!.Value);

        static byte First(MacAddress mac)
        {
            Span<byte> bytes = stackalloc byte[MacAddress.Length];
            mac.CopyTo(bytes);
            return bytes[0];
        }
    }
}
