using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Testing.Fakes;

public sealed partial class MemoryHost
{
    private const int MostNameBytes = 15;
    private const int MtuWithoutMembers = 1500;
    private const int Ipv4Overhead = 50;
    private const int Ipv6Overhead = 70;

    /// <summary>How many groups one UDP socket may be in.</summary>
    private const string MembershipLimit = "net.ipv4.igmp_max_memberships";
    private const int DefaultMembershipLimit = 20;

    private static readonly BridgeSettings KernelBridge = new(false, 15_000, true, false, 0, 300_000);
    private static readonly BridgePortSettings KernelPort = new(Learning: true, NeighbourSuppression: false);

    /// <summary>Puts in what somebody else has: any device, as it is, under the next index. Returns the index.</summary>
    public int PutForeign(Link link, bool isPinned = false)
    {
        Attempt(() =>
        {
            TakeName(link.Name, MostNameBytes);
            foreach (var altName in link.AltNames)
            {
                TakeName(altName, mostBytes: 127);
            }

            var index = ++_lastIndex;
            var master = link.Master;
            Set(new Device(link with { Index = index, Master = 0, MasterKind = "", Port = null, Mac = link.Mac ?? MacOf(index), Carrier = link.Up })
            {
                IsMtuPinned = isPinned,
                IsMacPinned = isPinned,
            });
            if (link.Vxlan?.Remote is { } remote)
            {
                Add(new ForwardingEntry(index, MacAddress.Zero, remote) { Permanent = true });
            }

            if (master != 0)
            {
                Enslave(index, master, anyKind: true);
                Update(index, l => l with { Port = link.Port ?? l.Port });
            }
        });
        return _lastIndex;
    }

    /// <summary>Somebody else deletes a device, or pulls it out; what stands on it goes with it.</summary>
    public void RemoveForeign(string name) => Attempt(() => Delete(Named(name), isOurs: false));

    private int Named(string name)
    {
        foreach (var (index, device) in _devices)
        {
            if (device.Link.Name == name || device.Link.AltNames.Contains(name))
            {
                return index;
            }
        }

        throw new KernelRefusedException("ENODEV", $"no device {name}");
    }

    private void TakeName(string name, int mostBytes)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > mostBytes)
        {
            throw new KernelRefusedException("EINVAL", $"'{name}' is no name");
        }

        if (_devices.Values.Any(d => d.Link.Name == name || d.Link.AltNames.Contains(name)))
        {
            throw new KernelRefusedException("EEXIST", $"{name} is here already");
        }
    }

    private Device Set(Device device)
    {
        _devices = _devices.SetItem(device.Link.Index, device);
        return device;
    }

    private void Update(int index, Func<Link, Link> change) => Set(_devices[index] with { Link = change(_devices[index].Link) });

    private void Create(LinkSpec spec)
    {
        TakeName(spec.Name, MostNameBytes);
        var index = ++_lastIndex;
        var parent = spec.Parent is null ? null : _devices[Named(spec.Parent)].Link;
        var link = new Link
        {
            Index = index,
            Name = spec.Name,
            Kind = spec.Kind,
            Alias = spec.Alias,
            Mac = spec.Mac ?? (spec.Kind == LinkKind.Vlan ? parent?.Mac : null) ?? MacOf(index),
            Mtu = spec.Mtu,
            Parent = parent?.Index ?? 0,
            Ipv6Off = spec.Ipv6Off,
            Bridge = spec.Kind == LinkKind.Bridge ? spec.Bridge ?? KernelBridge : null,
            Vlan = spec.Vlan,
            Vxlan = spec.Vxlan,
        };
        if (spec.AltName is { } altName)
        {
            TakeName(altName, mostBytes: 127);
            link = link with { AltNames = [altName] };
        }

        switch (spec.Kind)
        {
            case LinkKind.Vlan when parent is null || spec.Vlan is null:
                throw new KernelRefusedException("EINVAL", "a VLAN device needs a parent and a number");
            case LinkKind.Vlan when _devices.Values.Any(d => d.Link.Vlan == spec.Vlan && d.Link.Parent == parent!.Index):
                throw new KernelRefusedException("EEXIST", $"VLAN {spec.Vlan!.Vid} exists on {parent!.Name}");
            case LinkKind.Vlan when spec.Mtu > parent!.Mtu:
                throw new KernelRefusedException("EINVAL", $"MTU {spec.Mtu} is more than {parent.Name} has");
            case LinkKind.Vxlan when spec.Vxlan is null:
                throw new KernelRefusedException("EINVAL", "a VXLAN device needs a number");
            case LinkKind.Vxlan when _devices.Values.Any(d => d.Link.Vxlan is { } v && v.Vni == spec.Vxlan!.Vni && v.UdpPort == spec.Vxlan.UdpPort):
                throw new KernelRefusedException("EEXIST", "A VXLAN device with the specified VNI already exists");
            case LinkKind.Vxlan:
                link = link with { Mtu = Math.Min(link.Mtu, Room(link)) };
                break;
        }

        // With an MTU and a MAC in the request a bridge keeps them.
        Set(new Device(link) { IsMtuPinned = true, IsMacPinned = spec.Mac is not null });
        if (spec.Vxlan?.Remote is { } remote)
        {
            Add(new ForwardingEntry(index, MacAddress.Zero, remote) { Permanent = true });
        }

        if (spec.Master is not null)
        {
            Enslave(index, Named(spec.Master));
        }

        if (spec.Port is { } port)
        {
            SetPort(index, port);
        }

        SetUp(index, spec.Up);
    }

    private void Delete(int index, bool isOurs = true)
    {
        var link = _devices[index].Link;
        if (isOurs && link.Kind.Length == 0)
        {
            throw new KernelRefusedException("EOPNOTSUPP", $"{link.Name} is hardware");
        }

        foreach (var child in _devices.Values.Where(d => d.Link.Parent == index).Select(d => d.Link).ToList())
        {
            if (isOurs && RefuseToOrphan)
            {
                throw new KernelRefusedException("EBUSY", $"{child.Name} stands on {link.Name}");
            }

            Delete(child.Index, isOurs);
        }

        SetUp(index, up: false);
        Free(index);
        foreach (var member in _devices.Values.Where(d => d.Link.Master == index).Select(d => d.Link.Index).ToList())
        {
            Free(member);
        }

        foreach (var address in _devices[index].Addresses.Reverse())
        {
            Remove(index, address.Prefix);
        }

        _devices = _devices.Remove(index);
    }

    /// <summary>All attributes of one request; what has to be there first is written first.</summary>
    private void Change(int index, LinkChange change)
    {
        if (change.Alias is { } alias)
        {
            Update(index, l => l with { Alias = alias });
        }

        if (change.Mac is { } mac)
        {
            Set(_devices[index] with { IsMacPinned = true });
            Update(index, l => l with { Mac = mac });
            Follow(_devices[index].Link.Master);
        }

        if (change.Bridge is { } bridge)
        {
            Update(index, l => l.Bridge is null ? throw new KernelRefusedException("EOPNOTSUPP", $"{l.Name} is no bridge") : l with
            {
                // Nobody asks for it to be off.
                Bridge = bridge with { VlanFiltering = bridge.VlanFiltering || l.Bridge.VlanFiltering },
            });
        }

        if (change.Vxlan is { } vxlan)
        {
            Update(index, l => l.Vxlan is { } now && now with { Ttl = vxlan.Ttl, Learning = vxlan.Learning } == vxlan
                ? l with { Vxlan = vxlan }
                : throw new KernelRefusedException("EOPNOTSUPP", "only TTL and learning can change"));
        }

        if (change.Mtu is { } mtu)
        {
            SetMtu(index, mtu, change.PinMtu);
        }

        if (change.Ipv6Off is { } off)
        {
            Update(index, l => l with { Ipv6Off = off });
            if (off)
            {
                FlushIpv6(index);
            }
        }

        if (change.Master is { } master)
        {
            // As rtnetlink does: out of the old one first.
            Free(index);
            if (master.Length > 0)
            {
                Enslave(index, Named(master));
            }
        }

        if (change.Port is { } port)
        {
            SetPort(index, port);
        }

        if (change.Up is { } up)
        {
            SetUp(index, up);
        }
    }

    private void SetMtu(int index, int mtu, bool pin)
    {
        var device = _devices[index];
        if (mtu == device.Link.Mtu && !pin)
        {
            return;
        }

        if (device.Link.Kind == LinkKind.Vlan && mtu > _devices[device.Link.Parent].Link.Mtu)
        {
            throw new KernelRefusedException("ERANGE", $"MTU {mtu} is more than {_devices[device.Link.Parent].Link.Name} has");
        }

        if (device.Link.Kind == LinkKind.Vxlan && mtu > Room(device.Link))
        {
            throw new KernelRefusedException("EINVAL", $"MTU {mtu} does not fit into {_devices[device.Link.Parent].Link.Name}");
        }

        WriteMtu(index, mtu);
        Set(_devices[index] with { IsMtuPinned = true });
    }

    /// <summary>VLAN devices never stay wider than what they stand on, and a bridge follows its members.</summary>
    private void WriteMtu(int index, int mtu)
    {
        if (_devices[index].Link.Mtu == mtu)
        {
            return;
        }

        Update(index, l => l with { Mtu = mtu });
        foreach (var child in _devices.Values.Where(d => d.Link.Parent == index && d.Link.Vlan is not null && d.Link.Mtu > mtu).ToList())
        {
            WriteMtu(child.Link.Index, mtu);
        }

        Follow(_devices[index].Link.Master);
    }

    private int Room(Link vxlan) => vxlan.Parent == 0
        ? int.MaxValue
        : _devices[vxlan.Parent].Link.Mtu
            - ((vxlan.Vxlan!.Remote ?? vxlan.Vxlan.Local)?.AddressFamily == AddressFamily.InterNetworkV6 ? Ipv6Overhead : Ipv4Overhead);

    private void Enslave(int index, int master, bool anyKind = false)
    {
        var (link, into) = (_devices[index].Link, _devices[master].Link);
        if (into.Kind != LinkKind.Bridge && !anyKind)
        {
            throw new KernelRefusedException("EOPNOTSUPP", $"{into.Name} takes no members");
        }

        if (link.Master != 0)
        {
            throw new KernelRefusedException("EBUSY", $"{link.Name} belongs to {_devices[link.Master].Link.Name}");
        }

        if ((link.Kind == LinkKind.Bridge && into.Kind == LinkKind.Bridge) || link.IsLoopback || index == master)
        {
            throw new KernelRefusedException("ELOOP", "Can not enslave a bridge to a bridge");
        }

        Update(index, l => l with { Master = master, MasterKind = into.Kind, Port = into.Kind == LinkKind.Bridge ? KernelPort : null });
        Follow(master);
    }

    private void Free(int index)
    {
        var master = _devices[index].Link.Master;
        if (master != 0)
        {
            Update(index, l => l with { Master = 0, MasterKind = "", Port = null });
            Follow(master);
        }
    }

    /// <summary>A bridge that nobody told otherwise takes the lowest MTU and the lowest MAC of its members.</summary>
    private void Follow(int bridge)
    {
        if (bridge == 0 || _devices[bridge].Link.Kind != LinkKind.Bridge)
        {
            return;
        }

        var members = _devices.Values.Where(d => d.Link.Master == bridge).Select(d => d.Link).ToList();
        if (!_devices[bridge].IsMacPinned)
        {
            var lowest = members.Count == 0 ? MacAddress.Zero : members.Select(m => m.Mac!.Value).MinBy(m => m.ToString(), StringComparer.Ordinal);
            Update(bridge, l => l with { Mac = lowest });
        }

        if (!_devices[bridge].IsMtuPinned)
        {
            WriteMtu(bridge, members.Count == 0 ? MtuWithoutMembers : members.Min(m => m.Mtu));
        }
    }

    private void SetPort(int index, BridgePortSettings port) => Update(index, l => l.Port is null
        ? throw new KernelRefusedException("EINVAL", $"{l.Name} belongs to no bridge")
        : l with { Port = port });

    private void SetUp(int index, bool up)
    {
        if (_devices[index].Link.Up == up)
        {
            return;
        }

        if (up)
        {
            JoinGroup(_devices[index].Link);
        }

        Update(index, l => l with { Up = up, Carrier = up, OperState = up ? OperState.Up : OperState.Down });
        if (up)
        {
            foreach (var address in _devices[index].Addresses)
            {
                Connect(index, address);
            }
        }
        else
        {
            Flush(index);
        }
    }

    private void JoinGroup(Link link)
    {
        if (GroupOf(link) is not { } group)
        {
            return;
        }

        var limit = _settings.TryGetValue(MembershipLimit, out var set) ? int.Parse(set, CultureInfo.InvariantCulture) : DefaultMembershipLimit;
        var joined = _devices.Values.Select(d => d.Link)
            .Where(l => l.Up && l.Vxlan?.UdpPort == link.Vxlan!.UdpPort && GroupOf(l) is not null)
            .Select(l => (GroupOf(l)!, l.Parent)).ToHashSet();
        if (!joined.Contains((group, link.Parent)) && joined.Count >= limit)
        {
            throw new KernelRefusedException("ENOBUFS", "No buffer space available");
        }
    }

    private static IPAddress? GroupOf(Link link) =>
        link.Vxlan?.Remote is { AddressFamily: AddressFamily.InterNetwork } remote && remote.GetAddressBytes()[0] is >= 224 and <= 239 ? remote : null;

    private void RemoveAltName(int index, string altName) => Update(index, l => l.AltNames.Contains(altName)
        ? l with { AltNames = l.AltNames.Where(n => n != altName).ToValueList() }
        : throw new KernelRefusedException("ENOENT", $"{l.Name} has no altname {altName}"));

    private static MacAddress MacOf(int index) => new([0x02, 0, 0, 0, (byte)(index >> 8), (byte)index]);
}
