using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Kernel.Tests.Filtering.Packets;

/// <summary>
/// Guests on bridges of hosts. They have no addresses and say nothing by themselves: what they send is made here, frame by frame, and
/// what reaches them is seen here.
/// </summary>
internal sealed class PacketScene : IDisposable
{
    /// <summary>Packet Too Big passes whatever the rules of a port say, so it follows what may not pass.</summary>
    private const int Marker = 2;

    /// <summary>It only ends what would wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly NetNamespace _guests = NetNamespace.Create();
    private readonly Dictionary<string, FrameSocket> _sockets = [];
    private readonly Lock _turn = new();

    /// <summary>Past the numbers of ports that rules speak of, for it is a source port as well.</summary>
    private int _number = 20_000;

    /// <summary>Adds a bridge to a host, with the devices of its ports.</summary>
    public void AddBridge(NetNamespace host, string bridge, params IReadOnlyList<Station> stations)
    {
        foreach (var quiet in new[] { host, _guests })
        {
            // A device with IPv6 asks for routers and the like by itself. What is bridged is filtered all the same.
            quiet.Run(() => File.WriteAllText("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"));
        }

        host.Ip([
            $"link add {bridge} type bridge mcast_snooping 0",
            $"link set {bridge} up",
            .. stations.SelectMany(s => new[]
            {
                $"link add {s.Device} type veth peer name {s.Device} netns {_guests.Path}",
                $"link set {s.Device} master {bridge} up",
            }),
        ]);
        _guests.Ip([.. stations.Select(s => $"link set {s.Device} up")]);
        host.WaitUntil("all ports carry", () => stations.All(s => host.IsUp(s.Device)));
        foreach (var station in stations)
        {
            _sockets.Add(station.Device, FrameSocket.Open(_guests, station.Device));
        }
    }

    /// <summary>A bridge as one more station: what it sends comes from its host, and what it gets is for its host.</summary>
    public void AddHost(NetNamespace host, Station station)
    {
        host.Ip($"link set {station.Device} address {station.Mac}");
        _sockets.Add(station.Device, FrameSocket.Open(host, station.Device));
    }

    /// <summary>Sends it, and after it what always arrives, and says whether any of it arrived before that.</summary>
    public bool Passes(Station from, Packet packet, Station to)
    {
        lock (_turn)
        {
            return Pass(from, packet, to);
        }
    }

    private bool Pass(Station from, Packet packet, Station to)
    {
        var (number, marker) = (packet.Number ?? ++_number, ++_number);
        var (speaker, listener) = (from.StandIn ?? from, to.StandIn ?? to);
        // To all that are on the bridge, wherever it thinks by now that the listener is.
        var mark = Wire.Icmp6(speaker, listener, Marker) with { DestinationMac = Station.Everybody.Mac };
        foreach (var socket in new[] { _sockets[to.Device], _sockets[listener.Device] })
        {
            while (socket.Receive(TimeSpan.Zero) is not null)
            {
                // What others sent to everybody fills its queue.
            }
        }

        FrameSocket.SendInOrder(
        [
            .. packet.Frames(number).Select(f => (_sockets[from.Device], f)),
            .. mark.Frames(marker).Select(f => (_sockets[speaker.Device], f)),
        ]);
        var hasArrived = false;
        for (var isOver = false; !isOver;)
        {
            var frame = _sockets[listener.Device].Receive(Limit)
                ?? throw new TimeoutException($"from {speaker} to {listener} not even what always passes came through");
            isOver = Packet.NumberOf(frame) == marker;
            hasArrived |= listener == to && Packet.NumberOf(frame) == number;
        }

        while (listener != to && _sockets[to.Device].Receive(TimeSpan.Zero) is { } frame)
        {
            hasArrived |= Packet.NumberOf(frame) == number;
        }

        return hasArrived;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _guests.Dispose();
    }
}
