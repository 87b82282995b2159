using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>
/// The host in memory that the agent is to die on: an uplink to look at, one to manage, and what others have, which is to stay as it is.
/// </summary>
internal static class ChaosHost
{
    public const string Uplink = "eth0";
    public const string ManagedUplink = "eth1";
    public const string ManagedBridge = "cloudbr0";

    /// <summary>Guests' devices begin so; they are plugged into the agent's bridges.</summary>
    public const string TapPrefix = "vnet";

    /// <summary>The alias of what others put in the place of one of the agent's devices.</summary>
    public const string Theirs = "theirs";

    private static readonly string[] Untouchable = [Uplink, "office", "printer"];

    public static MemoryHost Make()
    {
        var host = new MemoryHost();
        host.PutSetting("net.ipv4.ip_forward", "0");
        host.PutSetting("net.ipv4.igmp_max_memberships", "20");
        host.PutSetting("net.ipv6.conf.all.forwarding", "0");
        PlugUplink(host);
        host.PutForeign(Nic(ManagedUplink, 11));
        host.PutForeign(ManagedUplink, new InterfaceAddress(IpPrefix.Parse("198.51.100.1/24")));
        host.PutForeign(ManagedUplink, Via("203.0.113.0/24", "198.51.100.254"));
        var office = host.PutForeign(Nic("office", 12) with { Kind = LinkKind.Bridge, Mtu = 1500, Bridge = new BridgeSettings(false, 15_000, true, false, 0, 300_000) });
        host.PutForeign(Nic("printer", 13) with { Kind = LinkKind.Tun, Mtu = 1500, Master = office });
        host.PutForeign("office", new InterfaceAddress(IpPrefix.Parse("10.9.0.1/24")));
        host.PutForeign("office", Via("10.10.0.0/16", "10.9.0.2"));
        return host;
    }

    public static void PlugUplink(MemoryHost host)
    {
        host.PutForeign(Nic(Uplink, 10));
        host.PutForeign(Uplink, new InterfaceAddress(IpPrefix.Parse("192.0.2.1/24")));
        host.PutForeign(Uplink, Via("192.0.3.0/24", "192.0.2.254"));
    }

    /// <summary>A guest's device; nowhere if the bridge is gone.</summary>
    public static void PlugTap(MemoryHost host, string name, string bridge)
    {
        if (host.State.Find(bridge) is { } into)
        {
            host.PutForeign(new Link { Index = 0, Name = name, Kind = LinkKind.Tun, Mtu = into.Mtu, Up = true, Master = into.Index });
        }
    }

    /// <summary>Somebody's own device, with the name of one that the agent made.</summary>
    public static void Replace(MemoryHost host, string name)
    {
        host.RemoveForeign(name);
        host.PutForeign(new Link { Index = 0, Name = name, Kind = LinkKind.Tun, Mtu = 1234, Up = true, Alias = Theirs });
    }

    /// <summary>All that the agent must not change, as lines: others' devices, and what the managed uplink came with, wherever it is now.</summary>
    public static string Foreign(HostState state)
    {
        var lines = new List<string>();
        foreach (var link in state.Links.Where(l => Untouchable.Contains(l.Name) || l.Alias == Theirs))
        {
            lines.AddRange(StateText.OfLink(link, state));
            lines.AddRange(state.Routes.Where(r => r.Link == link.Index && r.Protocol != RouteProtocol.Agent).Select(r => StateText.OfRoute(r, state)));
        }

        lines.AddRange(state.Links.Where(l => l.Name == ManagedUplink || l.Name.StartsWith(TapPrefix, StringComparison.Ordinal)).Select(l => $"{l.Name} {l.Kind} {l.Mac}"));
        foreach (var link in state.Links.Where(l => l.Name is ManagedUplink or ManagedBridge))
        {
            lines.AddRange(state.Addresses(link.Index).Select(a => $"management address {a.Prefix}"));
            lines.AddRange(state.Routes.Where(r => r.Link == link.Index && r.Protocol is not (RouteProtocol.Agent or RouteProtocol.Kernel)).Select(r => $"management route {r.Destination} {r.Gateway}"));
        }

        // While the uplink moves, addresses and routes are on both devices.
        return string.Join('\n', lines.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Everything, with the settings: two hosts that read the same are the same.</summary>
    public static string Everything(HostState state) => string.Join(
        '\n', StateText.Of(state).Concat(state.SettingNames.Order(StringComparer.Ordinal).Select(s => $"setting {s} {state.Setting(s)}")));

    /// <summary>All there is, without the addresses that the kernel makes up for new devices.</summary>
    public static string Look(MemoryHost host)
    {
        var builder = host.State.ToBuilder();
        foreach (var link in host.State.Links.Where(l => l.Kind is LinkKind.Vxlan))
        {
            builder.Put(link with { Mac = null });
        }

        return Everything(builder.ToState());
    }

    private static Link Nic(string name, byte last) => new()
    {
        Index = 0, Name = name, Mtu = 1600, Up = true, Carrier = true, Ipv6Off = false, Mac = new MacAddress([2, 0, 0, 0, 9, last]),
    };

    private static Route Via(string destination, string gateway) => new(IpPrefix.Parse(destination), 0) { Protocol = 4, Gateway = IPAddress.Parse(gateway) };
}
