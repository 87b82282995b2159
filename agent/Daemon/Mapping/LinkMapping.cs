using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Devices as the kernel has them.</summary>
internal sealed class LinkMapping
{
    private readonly HostState _state;

    /// <summary>Whose devices are that the agent does not own: the label of a bridge or an uplink, the id of a NIC.</summary>
    private readonly Dictionary<string, string> _users = new(StringComparer.Ordinal);

    private readonly ILookup<int, ForwardingEntry>? _forwarding;

    /// <param name="state">The kernel's state.</param>
    /// <param name="desired">What belongs to what.</param>
    /// <param name="forwarding">The forwarding entries of all devices, or null if nobody asked for them.</param>
    public LinkMapping(HostState state, Desired desired, IReadOnlyList<ForwardingEntry>? forwarding)
    {
        _state = state;
        _forwarding = forwarding?.ToLookup(e => e.Link);
        foreach (var underlay in desired.Underlays.Values.OrderBy(u => u.Label, StringComparer.Ordinal))
        {
            _users.TryAdd(underlay.Bridge, underlay.Label);
            _users.TryAdd(underlay.Uplink, underlay.Label);
        }

        foreach (var port in desired.Ports.Values)
        {
            _users.TryAdd(port.DeviceHere, port.Port.NicId);
        }
    }

    /// <summary>All of them, by index.</summary>
    public IEnumerable<V1.LinkState> ToMessages() => _state.Links.OrderBy(l => l.Index).Select(ToMessage);

    private V1.LinkState ToMessage(Link link)
    {
        var owner = Ownership.Read(link.Alias);
        var message = new V1.LinkState
        {
            Name = link.Name,
            Ifindex = (uint)link.Index,
            Kind = link.Kind,
            Mac = link.Mac?.ToString() ?? "",
            Mtu = (uint)link.Mtu,
            AdminUp = link.Up,
            Carrier = link.Carrier,
            OperState = ToMessage(link.OperState),
            Master = _state.NameOf(link.Master),
            Parent = _state.NameOf(link.Parent),
            Alias = link.Alias,
            Owned = owner is not null,
            BelongsTo = owner is null ? _users.GetValueOrDefault(link.Name, "") : owner.Kind == Ownership.Control ? "" : owner.Id,
        };
        message.Altnames.Add(link.AltNames.Order(StringComparer.Ordinal));
        message.Addresses.Add(_state.Addresses(link.Index).Select(a => a.Prefix.ToString()));
        AddDetail(message, link);
        if (_forwarding is not null)
        {
            message.ForwardingEntries.Add(_forwarding[link.Index].Select(ToMessage)
                .OrderBy(e => e.Mac, StringComparer.Ordinal).ThenBy(e => e.PeerAddress, StringComparer.Ordinal));
        }

        return message;
    }

    private void AddDetail(V1.LinkState message, Link link)
    {
        if (link.Bridge is { } bridge)
        {
            message.Bridge = new V1.BridgeDetail
            {
                Stp = bridge.Stp,
                ForwardDelayMs = (uint)bridge.ForwardDelayMs,
                MulticastSnooping = bridge.MulticastSnooping,
                MulticastQuerier = bridge.MulticastQuerier,
                GroupFwdMask = (uint)bridge.GroupFwdMask,
                AgeingMs = (uint)bridge.AgeingMs,
            };
            message.Bridge.Members.Add(_state.Members(link.Index).Select(m => m.Name).Order(StringComparer.Ordinal));
        }
        else if (link.Vlan is { } vlan)
        {
            message.Vlan = new V1.VlanDetail { Vid = (uint)vlan.Vid };
        }
        else if (link.Vxlan is { } vxlan)
        {
            message.Vxlan = new V1.VxlanDetail
            {
                Vni = (uint)vxlan.Vni,
                UdpPort = (uint)vxlan.UdpPort,
                LocalAddress = vxlan.Local?.ToString() ?? "",
                Group = vxlan.Remote?.ToString() ?? "",
                Ttl = (uint)vxlan.Ttl,
                Learning = vxlan.Learning,
            };
        }
    }

    private static V1.ForwardingEntry ToMessage(ForwardingEntry entry) =>
        new() { Mac = entry.Mac.ToString(), PeerAddress = entry.Peer?.ToString() ?? "", Permanent = entry.Permanent };

    private static V1.OperState ToMessage(OperState state) => state switch
    {
        OperState.NotPresent => V1.OperState.NotPresent,
        OperState.Down => V1.OperState.Down,
        OperState.LowerLayerDown => V1.OperState.LowerLayerDown,
        OperState.Testing => V1.OperState.Testing,
        OperState.Dormant => V1.OperState.Dormant,
        OperState.Up => V1.OperState.Up,
        _ => V1.OperState.Unknown,
    };
}
