using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

internal sealed record Nic(string Name, int Mtu, bool Up = true) : HostItem
{
    public override void PutOn(MemoryHost host) => host.PutForeign(new Link { Index = 0, Name = Name, Mtu = Mtu, Up = Up, Ipv6Off = false });
}

/// <summary>A bond with two NICs of its own.</summary>
internal sealed record Bond(string Name, int Mtu) : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        var bond = host.PutForeign(new Link { Index = 0, Name = Name, Kind = LinkKind.Bond, Mtu = Mtu, Up = true, Ipv6Off = false });
        foreach (var member in new[] { "a", "b" })
        {
            host.PutForeign(new Link { Index = 0, Name = Name + member, Mtu = Mtu, Up = true, Master = bond });
        }
    }
}

internal sealed record Address(string Link, string Prefix) : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        var prefix = IpPrefix.Parse(Prefix);

        // What is off has lost its IPv6 addresses.
        if (prefix.IsIpv4 || host.State.Find(Link) is { Up: true })
        {
            host.PutForeign(Link, new InterfaceAddress(prefix) { Flags = 0x80 });
        }
    }
}

internal sealed record StaticRoute(string Link, string Destination, string? Gateway, byte Protocol = 4, uint Metric = 0) : HostItem
{
    public override void PutOn(MemoryHost host) => host.PutForeign(Link, new Route(IpPrefix.Parse(Destination), 0)
    {
        Protocol = Protocol,
        Gateway = Gateway is null ? null : IPAddress.Parse(Gateway),
        Scope = Gateway is null ? (byte)253 : (byte)0,
        Metric = Metric,
    });
}

/// <summary>A bridge as an operator makes it, perhaps with an uplink in it.</summary>
internal sealed record HandBridge(string Name, string Uplink = "", int Mtu = 1500, bool Pinned = false, string AltName = "", string Alias = "") : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        var index = host.PutForeign(
            new Link
            {
                Index = 0,
                Name = Name,
                AltNames = AltName.Length == 0 ? [] : [AltName],
                Alias = Alias,
                Kind = LinkKind.Bridge,
                Mtu = Mtu,
                Up = true,
                Ipv6Off = false,
                Bridge = new BridgeSettings(false, 15_000, true, false, 0, 300_000),
            },
            Pinned || Alias.Length > 0);
        if (host.State.Find(Uplink) is { } uplink)
        {
            Hand.Enslave(host, uplink, index);
        }
    }
}

/// <summary>
/// A VLAN device and its bridge as CloudStack's scripts make them; <see cref="Fits"/>: with just the attributes that the agent gives.
/// </summary>
internal sealed record HandVlan(string Uplink, int Vid, int Mtu, bool Fits, string Alias = "") : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        if (host.State.Find(Uplink) is not { } uplink)
        {
            return;
        }

        var bridge = Hand.Bridge(host, KernelNames.VlanBridge(Uplink, Vid), Mtu, Fits, Alias);
        var name = KernelNames.VlanDevice(Uplink, Vid);
        host.PutForeign(new Link
        {
            Index = 0,
            Name = name.Name,
            AltNames = name.AltName is null ? [] : [name.AltName],
            Alias = Alias,
            Kind = LinkKind.Vlan,
            Parent = uplink.Index,
            Vlan = new VlanSettings(Vid),
            Mtu = Math.Min(Mtu, uplink.Mtu),
            Master = bridge,
            Up = true,
            Ipv6Off = Fits,
        });
    }
}

/// <summary>The same for a multicast VXLAN.</summary>
internal sealed record HandVxlan(string Device, int Vni, int Mtu, bool Fits, string Alias = "", int UdpPort = 4789) : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        if (host.State.Find(Device) is not { } parent)
        {
            return;
        }

        var bridge = Hand.Bridge(host, KernelNames.VxlanBridge(Vni), Mtu, Fits, Alias);
        host.PutForeign(new Link
        {
            Index = 0,
            Name = KernelNames.VxlanDevice(Vni).Name,
            Alias = Alias,
            Kind = LinkKind.Vxlan,
            Parent = parent.Index,
            Vxlan = new VxlanSettings(Vni, UdpPort, null, new IPAddress([239, (byte)(Vni >> 16), (byte)(Vni >> 8), (byte)Vni]), 10, true),
            Mtu = Math.Min(Mtu, parent.Mtu - 50),
            Master = bridge,
            Up = true,
            Ipv6Off = Fits,
        });
    }
}

/// <summary>A guest's tap in a bridge, with settings of its own.</summary>
internal sealed record Tap(string Name, string Bridge, bool Learning = true) : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        if (host.State.Find(Bridge) is { Kind: LinkKind.Bridge } bridge)
        {
            host.PutForeign(new Link
            {
                Index = 0,
                Name = Name,
                Kind = LinkKind.Tun,
                Mtu = bridge.Mtu,
                Up = true,
                Master = bridge.Index,
                Port = new BridgePortSettings(Learning, false),
            });
        }
    }
}

/// <summary>Somebody's VLAN device on something, which an operator may also use as an uplink.</summary>
internal sealed record ForeignVlan(string Name, string Parent, int Vid, int Mtu) : HostItem
{
    public override void PutOn(MemoryHost host)
    {
        if (host.State.Find(Parent) is { } parent)
        {
            host.PutForeign(new Link
            {
                Index = 0,
                Name = Name,
                Kind = LinkKind.Vlan,
                Parent = parent.Index,
                Vlan = new VlanSettings(Vid),
                Mtu = Math.Min(Mtu, parent.Mtu),
                Up = true,
                Ipv6Off = false,
            });
        }
    }
}

/// <summary>A device of another kind that bears a name the agent may want.</summary>
internal sealed record Squatter(string Name, string AltName = "") : HostItem
{
    public override void PutOn(MemoryHost host) => host.PutForeign(new Link
    {
        Index = 0,
        Name = Name,
        AltNames = AltName.Length == 0 ? [] : [AltName],
        Kind = "dummy",
        Mtu = 1500,
        Up = true,
    });
}

/// <summary>A group's route that an earlier life of the agent left.</summary>
internal sealed record StaleGroupRoute(string Link, string Group) : HostItem
{
    public override void PutOn(MemoryHost host) => host.PutForeign(Link, GroupRoutes.Make(IPAddress.Parse(Group), 0));
}

internal sealed record Setting(string Name, string Value) : HostItem
{
    public override void PutOn(MemoryHost host) => host.PutSetting(Name, Value);
}

internal static class Hand
{
    public static int Bridge(MemoryHost host, KernelName name, int mtu, bool fits, string alias) => host.PutForeign(
        new Link
        {
            Index = 0,
            Name = name.Name,
            AltNames = name.AltName is null ? [] : [name.AltName],
            Alias = alias,
            Kind = LinkKind.Bridge,
            Mtu = mtu,
            Up = true,
            Ipv6Off = fits,
            Bridge = fits ? BridgeDefaults.Settings(null) : new BridgeSettings(false, 15_000, true, false, 0, 300_000),
        },

        // The agent makes no bridge that follows its members.
        isPinned: fits || alias.Length > 0);

    public static void Enslave(MemoryHost host, Link link, int bridge)
    {
        var name = host.State.NameOf(bridge);
        host.Apply(new Core.Planning.Steps.ChangeLink(
            ObjectRef.Link(link.Name), Core.Planning.Steps.StepAction.Update, link.Name, link.Kind, new LinkChange { Master = name }, new LinkChange()));
    }
}
