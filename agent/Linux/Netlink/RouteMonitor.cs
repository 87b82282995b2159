using System.Buffers;
using System.Runtime.InteropServices;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Trace;
using Cloudbr.Agent.Linux.Netlink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// The kernel's own news of links, addresses, routes, forwarding entries and traffic control. One thread waits and drains; others may only
/// <see cref="Wake"/> it. Open it before the first reading, so that nothing falls in between.
/// </summary>
public sealed class RouteMonitor : IDisposable
{
    public const int DefaultReceiveBuffer = 8 * 1024 * 1024;

    private const int BufferSize = 64 * 1024;

    private readonly IDatagramSocket _socket;
    private readonly WakeablePoll? _poll;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);

    internal RouteMonitor(IDatagramSocket socket, WakeablePoll? poll)
    {
        _socket = socket;
        _poll = poll;
    }

    /// <summary>In the calling thread's network namespace.</summary>
    public static RouteMonitor Open() => Open(DefaultReceiveBuffer);

    public static RouteMonitor Open(SafeFileHandle networkNamespace, int receiveBuffer = DefaultReceiveBuffer) =>
        NetworkNamespaceThread.Run(networkNamespace, () => Open(receiveBuffer));

    /// <summary>With room for so many bytes of what was not drained yet; the kernel doubles them, for its own part of each message.</summary>
    public static RouteMonitor Open(int receiveBuffer)
    {
        var socket = NetlinkSocket.Open(NetlinkProtocol.Route, receiveBuffer);
        try
        {
            socket.Join(MulticastGroup.Link);
            socket.Join(MulticastGroup.Neighbour);
            socket.Join(MulticastGroup.TrafficControl);
            socket.Join(MulticastGroup.Ipv4Address);
            socket.Join(MulticastGroup.Ipv4Route);
            socket.Join(MulticastGroup.Ipv6Address);
            socket.Join(MulticastGroup.Ipv6Route);
            return new RouteMonitor(socket, new WakeablePoll(socket.Descriptor));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Appends all that there is now, without waiting. False if the kernel had to drop some, or sent what cannot be read: then everything
    /// must be read anew, and what was appended may be out of date.
    /// </summary>
    public bool Drain(List<RouteEvent> events)
    {
        var complete = true;
        while (true)
        {
            var length = _socket.Receive(_buffer, wait: false);
            switch (length)
            {
                case -Errno.Again:
                    return complete;
                case -Errno.NoBuffers:
                    // The kernel drops everything until the socket is empty: only then does a new reading see what came after.
                    complete = false;
                    continue;
                case < 0:
                    throw new NetlinkException(new KernelRefusal("receive", "events", -length));
            }

            complete &= length <= _buffer.Length && TryRead(_buffer.AsSpan(0, length), events);
        }
    }

    /// <summary>Until something is there, <see cref="Wake"/> was called, or the time is up; null waits for ever.</summary>
    public void Wait(TimeSpan? limit) => _poll?.Wait(limit);

    /// <summary>Ends the waiting also when this becomes readable, which somebody else reads.</summary>
    public void AlsoWaitFor(SafeHandle other) => _poll?.Add(other);

    /// <summary>Ends the waiting, or the next one if nobody waits now. For any thread.</summary>
    public void Wake() => _poll?.Wake();

    public void Dispose()
    {
        _poll?.Dispose();
        _socket.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private static bool TryRead(ReadOnlySpan<byte> datagram, List<RouteEvent> events)
    {
        NetlinkTrace.Received(datagram);
        try
        {
            foreach (var message in new MessageReader(datagram))
            {
                if (Read(message.Header.Type, message.Payload) is { } happened)
                {
                    events.Add(happened);
                }
            }

            return true;
        }
        catch (NetlinkException)
        {
            return false;
        }
    }

    /// <summary>Null for what is nobody's concern here.</summary>
    internal static RouteEvent? Read(ushort type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case RtmType.NewLink or RtmType.DelLink:
                return LinkAttributes.Read(payload) switch
                {
                    null => null,
                    var link when type == RtmType.NewLink => new LinkChanged(link),
                    var link => new LinkRemoved(link.Index, link.Name),
                };
            case RtmType.NewAddress or RtmType.DelAddress:
                return AddressAttributes.Read(payload, out var on) switch
                {
                    null => null,
                    var address when type == RtmType.NewAddress => new AddressAdded(on, address),
                    var address => new AddressRemoved(on, address),
                };
            case RtmType.NewRoute or RtmType.DelRoute:
                return RouteAttributes.Read(payload) switch
                {
                    null => null,
                    var route when type == RtmType.NewRoute => new RouteAdded(route),
                    var route => new RouteRemoved(route),
                };
            case RtmType.NewNeighbour or RtmType.DelNeighbour:
                return NeighbourAttributes.Read(payload) switch
                {
                    null => null,
                    var entry when type == RtmType.NewNeighbour => new ForwardingAdded(entry),
                    var entry => new ForwardingRemoved(entry),
                };
            case RtmType.NewQdisc or RtmType.DelQdisc or RtmType.NewFilter or RtmType.DelFilter:
                // Filters that several devices share are of none of them, and nothing of the agent's.
                return FamilyHeaders.Read<QdiscHeader>(payload, out _) is { Index: > 0 } header ? new TrafficControlChanged(header.Index) : null;
            default:
                return null;
        }
    }
}
