using System.Globalization;
using System.Text;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// Changes that are queued, then sent to the kernel many at a time. It does each for itself, in order: one that it refuses
/// stops none of those behind it. Each queueing method returns the change's position, which is where <see cref="Send"/> puts
/// its verdict. Buffers are kept for the next time.
/// </summary>
public sealed class RouteBatch : IAnswers
{
    /// <summary>One sendmsg takes no more than the socket's send buffer, which is never set below this by any distribution.</summary>
    private const int MaxDatagram = 64 * 1024;

    /// <summary>What one acknowledgement with a text takes of the receive buffer, as the kernel counts, at the very most.</summary>
    private const int BytesPerAnswer = 2048;

    /// <summary>Room for a message apart from its texts and foreign attributes.</summary>
    private const int FixedRoom = 512;

    private const int LargestMtu = 65535;

    private readonly Conversation _conversation;
    private readonly Action<int> _countWrites;
    private readonly List<Change> _changes = [];
    private readonly List<Request> _requests = [];
    private KernelRefusal?[] _refusals = [];
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;
    private int _sentBefore;

    internal RouteBatch(Conversation conversation, Action<int> countWrites)
    {
        _conversation = conversation;
        _countWrites = countWrites;
    }

    /// <summary>How many changes are queued.</summary>
    public int Count => _changes.Count;

    /// <summary>
    /// Makes a device, with all that the kernel takes at creation; it refuses if one of that name exists. Alias, altname, a pinned MTU
    /// and the settings of a bridge's member it takes from <see cref="ChangeLink"/> and <see cref="AddAltName"/> only.
    /// </summary>
    public int CreateLink(LinkSpec spec, int parent, int master, bool up = false)
    {
        var position = Add("newlink", spec, 0);
        var writer = Begin(RtmType.NewLink, MessageFlags.Create | MessageFlags.Exclusive, 4 * (spec.Name.Length + spec.Kind.Length));
        writer.Struct(new LinkHeader
        {
            Flags = up ? LinkAttributes.FlagUp : 0,
            Change = up ? LinkAttributes.FlagUp : 0,
        });
        writer.Text(LinkAttributes.Name, spec.Name);
        if (spec.Mtu > 0)
        {
            writer.UInt32(LinkAttributes.Mtu, (uint)spec.Mtu);
        }

        if (spec.Mac is { } mac)
        {
            writer.Mac(LinkAttributes.Address, mac);
        }

        // A VXLAN's parent stands among its own attributes.
        if (parent != 0 && spec.Vxlan is null)
        {
            writer.Int32(LinkAttributes.Parent, parent);
        }

        if (master != 0)
        {
            writer.Int32(LinkAttributes.Master, master);
        }

        LinkInfoAttributes.Write(ref writer, spec, parent);
        End(writer);
        return position;
    }

    /// <summary>
    /// Changes a device in place. <paramref name="master"/> is the index of <see cref="LinkChange.Master"/>; <paramref name="kind"/> is
    /// the device's own. <see cref="LinkChange.Ipv6Off"/> is a sysctl and not done here.
    /// </summary>
    public int ChangeLink(int index, LinkChange change, int master, string kind)
    {
        if (change is { PinMtu: true, Mtu: null })
        {
            throw new ArgumentException("an MTU can only be pinned together with its value", nameof(change));
        }

        var position = Add("setlink", null, index);
        if (change is { PinMtu: true, Mtu: { } mtu })
        {
            var writer = BeginLink(index, 0, 0);
            writer.UInt32(LinkAttributes.Mtu, (uint)(mtu < LargestMtu ? mtu + 1 : mtu - 1));
            End(writer);
        }

        if (change.Bridge is { Stp: false } bridge && !BridgeAttributes.IsAllowedWithStp(bridge))
        {
            var writer = BeginLink(index, 0, 0);
            LinkInfoAttributes.WriteStp(ref writer, bridge);
            End(writer);
        }

        if (change with { Ipv6Off = null, Port = null, PinMtu = false } is { IsEmpty: false } own)
        {
            if (own is { Vxlan: not null, Mtu: not null })
            {
                // The kernel refuses an MTU together with a tunnel's own settings.
                QueueChange(index, new LinkChange { Mtu = own.Mtu }, 0, kind);
                own = own with { Mtu = null };
            }

            QueueChange(index, own, master, kind);
        }

        // Only after the device joined its bridge: the bridge keeps these, not the device.
        if (change.Port is { } port)
        {
            var writer = BeginLink(index, 0, 0);
            LinkInfoAttributes.WritePort(ref writer, port);
            End(writer);
        }

        return position;
    }

    public int DeleteLink(int index)
    {
        var position = Add("dellink", null, index);
        var writer = Begin(RtmType.DelLink, 0, 0);
        writer.Struct(new LinkHeader { Index = index });
        End(writer);
        return position;
    }

    /// <summary>Puts a device into a group of devices, for <see cref="DeleteGroup"/>.</summary>
    public int SetGroup(int index, uint group)
    {
        var position = Add("setlink", null, index);
        var writer = BeginLink(index, 0, 0);
        writer.UInt32(LinkAttributes.Group, group);
        End(writer);
        return position;
    }

    /// <summary>
    /// Removes all devices of a group at once. Each removal waits for every CPU to forget the device: one by one a thousand of them
    /// take half a minute, together they wait once.
    /// </summary>
    public int DeleteGroup(uint group)
    {
        var position = Add("dellink", "group", 0);
        var writer = Begin(RtmType.DelLink, 0, 0);
        writer.Struct(default(LinkHeader));
        writer.UInt32(LinkAttributes.Group, group);
        End(writer);
        return position;
    }

    public int AddAltName(int index, string altName) =>
        QueueAltName("newlinkprop", RtmType.NewLinkProperty, MessageFlags.Create | MessageFlags.Exclusive | MessageFlags.Append, index, altName);

    public int RemoveAltName(int index, string altName) => QueueAltName("dellinkprop", RtmType.DelLinkProperty, 0, index, altName);

    /// <summary>Puts an address on a device, an IPv6 one without waiting for duplicate detection.</summary>
    public int AddAddress(int link, InterfaceAddress a)
    {
        var position = Add("newaddr", a, link);
        var writer = Begin(RtmType.NewAddress, MessageFlags.Create | MessageFlags.Exclusive, 4 * a.Label.Length);
        writer.Struct(AddressAttributes.HeaderOf(link, a));
        AddressAttributes.Write(ref writer, a);
        End(writer);
        return position;
    }

    /// <summary>
    /// Takes an address off a device. The route of its subnet goes with the last one of it; for an IPv6 address with a lifetime the
    /// kernel does that only if the lifetime is taken off it first.
    /// </summary>
    public int RemoveAddress(int link, InterfaceAddress a)
    {
        var position = Add("deladdr", a, link);
        if (!a.Prefix.IsIpv4 && a.ValidSeconds is not null)
        {
            var lasting = Begin(RtmType.NewAddress, MessageFlags.Replace, 0);
            lasting.Struct(AddressAttributes.HeaderOf(link, a));
            AddressAttributes.Write(ref lasting, a with { ValidSeconds = null, PreferredSeconds = null });
            End(lasting);
        }

        var writer = Begin(RtmType.DelAddress, 0, 4 * a.Label.Length);
        writer.Struct(AddressAttributes.HeaderOf(link, a));
        AddressAttributes.WriteKey(ref writer, a);
        End(writer);
        return position;
    }

    /// <summary>
    /// Adds a route, beside one to the same destination through another device; with <paramref name="replace"/> in its place.
    /// </summary>
    public int AddRoute(Route r, bool replace) =>
        QueueRoute("newroute", RtmType.NewRoute, (ushort)(MessageFlags.Create | (replace ? MessageFlags.Replace : MessageFlags.Append)), r);

    /// <summary>Adds a route behind those that lead to the same destination through other devices; refused only if there is the same one.</summary>
    public int AppendRoute(Route r) => QueueRoute("newroute", RtmType.NewRoute, MessageFlags.Create | MessageFlags.Append, r);

    public int RemoveRoute(Route r) => QueueRoute("delroute", RtmType.DelRoute, 0, r);

    /// <summary>
    /// Puts an entry into a forwarding table: a VXLAN device's if it has a peer, else the bridge's. With <paramref name="append"/> the
    /// entry stands beside others of the same MAC, as flooding to several peers needs it; without, it takes their place.
    /// </summary>
    public int AddForwarding(ForwardingEntry e, bool append) => QueueForwarding(
        "newneigh", RtmType.NewNeighbour, (ushort)(MessageFlags.Create | (append ? MessageFlags.Append : MessageFlags.Replace)), e);

    public int RemoveForwarding(ForwardingEntry e) => QueueForwarding("delneigh", RtmType.DelNeighbour, 0, e);

    /// <summary>
    /// Gives a device a queue that holds what leaves it to a rate, marked as the agent's. Refused if it has one already; with
    /// <paramref name="isThere"/> the agent's own is changed in place, with what waits in it, and refused if it has another one.
    /// </summary>
    public int SetEgress(int link, TokenBucket bucket, bool isThere)
    {
        var position = Add("newqdisc", "root", link);
        var writer = Begin(RtmType.NewQdisc, isThere ? (ushort)0 : (ushort)(MessageFlags.Create | MessageFlags.Exclusive), 0);
        writer.Struct(new QdiscHeader { Index = link, Handle = ShapingMarks.EgressHandle, Parent = ShapingMarks.Root });
        QdiscAttributes.WriteBucket(ref writer, bucket);
        End(writer);
        return position;
    }

    /// <summary>Takes the agent's queue off a device, and no other; the kernel gives it its own again.</summary>
    public int RemoveEgress(int link)
    {
        var position = Add("delqdisc", "root", link);
        var writer = Begin(RtmType.DelQdisc, 0, 0);
        writer.Struct(new QdiscHeader { Index = link, Handle = ShapingMarks.EgressHandle, Parent = ShapingMarks.Root });
        End(writer);
        return position;
    }

    /// <summary>
    /// Drops what comes in at a device beyond a rate. The agent's own filter is replaced at once, so that at no moment there is none.
    /// </summary>
    public int PoliceIngress(int link, TokenBucket bucket)
    {
        var writer = BeginIngress(link, out var position);
        FilterAttributes.WritePolice(ref writer, bucket);
        End(writer);
        return position;
    }

    /// <summary>Sends what comes in at a device through another one first. The agent's own filter is replaced at once.</summary>
    public int RedirectIngress(int link, int to)
    {
        var writer = BeginIngress(link, out var position);
        FilterAttributes.WriteRedirect(ref writer, to);
        End(writer);
        return position;
    }

    /// <summary>Takes the agent's filter off a device, and unless others have theirs beside it what it stood in.</summary>
    public int RemoveIngress(int link, bool isShared)
    {
        var position = Add(isShared ? "deltfilter" : "delqdisc", "ingress", link);
        var writer = Begin(isShared ? RtmType.DelFilter : RtmType.DelQdisc, 0, 0);
        writer.Struct(isShared
            ? FilterAttributes.HeaderOf(link, handle: 0)
            : new QdiscHeader { Index = link, Handle = ShapingMarks.IngressHandle, Parent = ShapingMarks.Ingress });
        End(writer);
        return position;
    }

    /// <summary>
    /// Sends all that is queued and forgets it. By position: null where the kernel accepted. The list is good until the next call.
    /// Throws only if the conversation itself failed; what became of the changes is unknown then.
    /// </summary>
    public IReadOnlyList<KernelRefusal?> Send()
    {
        try
        {
            if (_refusals.Length < Count)
            {
                _refusals = new KernelRefusal?[Math.Max(Count, 2 * _refusals.Length)];
            }

            Array.Clear(_refusals);
            for (_sentBefore = 0; _sentBefore < _requests.Count;)
            {
                var count = NextChunk(_sentBefore);
                SendChunk(count);
                _sentBefore += count;
            }

            return new ArraySegment<KernelRefusal?>(_refusals, 0, Count);
        }
        finally
        {
            Discard();
        }
    }

    /// <summary>Forgets all that is queued, unsent.</summary>
    public void Discard()
    {
        _changes.Clear();
        _requests.Clear();
        _length = 0;
    }

    void IAnswers.OnMessage(int request, in MessageHeader header, ReadOnlySpan<byte> payload)
    {
    }

    void IAnswers.OnVerdict(int request, in KernelVerdict verdict)
    {
        var position = _requests[_sentBefore + request].Position;
        if (verdict.Errno != 0)
        {
            // Of several messages for one change the first refusal says what went wrong.
            _refusals[position] ??= verdict.AsRefusal(_changes[position].Operation, _changes[position].Describe());
        }
    }

    private void SendChunk(int count)
    {
        var start = _requests[_sentBefore].Start;
        var last = _requests[_sentBefore + count - 1];
        var sequence = _conversation.Reserve(count);
        for (var i = 0; i < count; i++)
        {
            MessageWriter.SetSequence(_buffer.AsSpan(_requests[_sentBefore + i].Start), sequence + (uint)i);
        }

        _countWrites(count);
        _conversation.Exchange(_buffer.AsSpan(start..last.End), sequence, count, "send", "batch", this);
    }

    private int NextChunk(int first)
    {
        var most = Math.Max(1, _conversation.ReceiveCapacity / BytesPerAnswer);
        var count = 1;
        while (count < most
            && first + count < _requests.Count
            && _requests[first + count].End - _requests[first].Start <= MaxDatagram)
        {
            count++;
        }

        return count;
    }

    private void QueueChange(int index, LinkChange change, int master, string kind)
    {
        var mask = change.Up is null ? 0 : LinkAttributes.FlagUp;
        var writer = BeginLink(index, change.Up == true ? LinkAttributes.FlagUp : 0, mask, 4 * (change.Alias?.Length ?? 0));
        if (change.Alias is { } alias)
        {
            writer.Text(LinkAttributes.Alias, alias);
        }

        if (change.Mac is { } mac)
        {
            writer.Mac(LinkAttributes.Address, mac);
        }

        if (change.Mtu is { } mtu)
        {
            writer.UInt32(LinkAttributes.Mtu, (uint)mtu);
        }

        if (change.Master is { } name)
        {
            writer.Int32(LinkAttributes.Master, name.Length == 0 ? 0 : master);
        }

        if (change.Bridge is not null || change.Vxlan is not null)
        {
            LinkInfoAttributes.WriteChange(ref writer, change, kind);
        }

        End(writer);
    }

    private MessageWriter BeginIngress(int link, out int position)
    {
        position = Add("newtfilter", "ingress", link);
        var qdisc = Begin(RtmType.NewQdisc, MessageFlags.Create, 0);
        qdisc.Struct(new QdiscHeader { Index = link, Handle = ShapingMarks.IngressHandle, Parent = ShapingMarks.Ingress });
        QdiscAttributes.WriteIngress(ref qdisc);
        End(qdisc);
        var filter = Begin(RtmType.NewFilter, MessageFlags.Create | MessageFlags.Replace, FilterAttributes.Room);
        filter.Struct(FilterAttributes.HeaderOf(link, ShapingMarks.FilterHandle));
        return filter;
    }

    private int QueueAltName(string operation, ushort type, ushort flags, int index, string altName)
    {
        var position = Add(operation, altName, index);
        var writer = Begin(type, flags, 4 * altName.Length);
        writer.Struct(new LinkHeader { Index = index });
        var properties = writer.BeginNested(LinkAttributes.PropertyList);
        writer.Text(LinkAttributes.AltName, altName);
        writer.EndNested(properties);
        End(writer);
        return position;
    }

    private int QueueRoute(string operation, ushort type, ushort flags, Route route)
    {
        var position = Add(operation, route, route.Link);
        var writer = Begin(type, flags, route.Others.Count);
        writer.Struct(RouteAttributes.HeaderOf(route));
        RouteAttributes.Write(ref writer, route);
        End(writer);
        return position;
    }

    private int QueueForwarding(string operation, ushort type, ushort flags, ForwardingEntry entry)
    {
        var position = Add(operation, entry, entry.Link);
        var writer = Begin(type, flags, 0);
        writer.Struct(NeighbourAttributes.HeaderOf(entry));
        NeighbourAttributes.Write(ref writer, entry);
        End(writer);
        return position;
    }

    private int Add(string operation, object? subject, int link)
    {
        _changes.Add(new Change(operation, subject, link));
        return _changes.Count - 1;
    }

    private MessageWriter BeginLink(int index, uint flags, uint change, int extra = 0)
    {
        var writer = Begin(RtmType.NewLink, 0, extra);
        writer.Struct(new LinkHeader { Index = index, Flags = flags, Change = change });
        return writer;
    }

    private MessageWriter Begin(ushort type, ushort flags, int extra)
    {
        var room = FixedRoom + extra;
        if (_buffer.Length - _length < room)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + room));
        }

        return new MessageWriter(_buffer.AsSpan(_length), type, (ushort)(MessageFlags.Request | MessageFlags.Ack | flags));
    }

    private void End(in MessageWriter writer)
    {
        var end = _length + writer.End();
        _requests.Add(new Request(_length, end, _changes.Count - 1));
        _length = end;
    }

    /// <summary>Where a message lies in the buffer, and which change it belongs to.</summary>
    private readonly record struct Request(int Start, int End, int Position);

    /// <summary>What a refusal is about; put into words only if there is one.</summary>
    private readonly record struct Change(string Operation, object? Subject, int Link)
    {
        public string Describe()
        {
            var text = new StringBuilder();
            switch (Subject)
            {
                case LinkSpec spec:
                    return spec.Name;
                case InterfaceAddress address:
                    text.Append(address.Prefix);
                    break;
                case Route route:
                    text.Append(CultureInfo.InvariantCulture, $"{route.Destination} table {route.Table}");
                    break;
                case ForwardingEntry { Peer: { } peer } entry:
                    text.Append(CultureInfo.InvariantCulture, $"{entry.Mac} at {peer}");
                    break;
                case ForwardingEntry entry:
                    text.Append(entry.Mac);
                    break;
                case string name:
                    text.Append(name);
                    break;
            }

            return Link == 0 ? text.ToString() : text.Append(text.Length > 0 ? " " : "").Append(CultureInfo.InvariantCulture, $"link {Link}").ToString();
        }
    }
}
