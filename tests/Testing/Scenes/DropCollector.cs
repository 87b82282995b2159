using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>Collects what a network namespace logs to an NFLOG group, as ulogd would.</summary>
public sealed class DropCollector : IDisposable
{
    private const int AfNetlink = 16;
    private const int SockRaw = 3;
    private const int NetlinkNetfilter = 12;
    private const ushort Packet = 0x400;
    private const ushort Config = 0x401;
    private const ushort Command = 1;
    private const ushort Mode = 2;
    private const ushort Threshold = 5;
    private const int Header = 20;
    private const ushort Prefix = 10;
    private const int AttributeHeader = 4;

    private readonly KernelEventCalls.SocketHandle _socket;
    private readonly byte[] _buffer = new byte[65536];

    private DropCollector(KernelEventCalls.SocketHandle socket) => _socket = socket;

    public static DropCollector Open(NetNamespace where, int group)
    {
        var socket = where.Run(() => KernelEventCalls.NewSocket(AfNetlink, SockRaw, NetlinkNetfilter));
        var collector = new DropCollector(socket);
        collector.Ask(group, Command, [1]);
        collector.Ask(group, Mode, [0, 0, 1, 0, 2, 0]);

        // Each at once, and not several together.
        collector.Ask(group, Threshold, [0, 0, 0, 1]);
        return collector;
    }

    /// <summary>The prefix of the next packet that was logged; null if none was in time.</summary>
    public string? Receive(TimeSpan limit)
    {
        if (!KernelEventCalls.Wait(_socket, limit))
        {
            return null;
        }

        var message = _buffer.AsSpan(0, (int)KernelEventCalls.Receive(_socket, _buffer, _buffer.Length, 0));
        if (MemoryMarshal.Read<ushort>(message[4..]) != Packet)
        {
            throw new InvalidOperationException("not what was logged");
        }

        for (var rest = message[Header..]; rest.Length >= AttributeHeader;)
        {
            var length = MemoryMarshal.Read<ushort>(rest);
            if (MemoryMarshal.Read<ushort>(rest[2..]) == Prefix)
            {
                return Encoding.ASCII.GetString(rest[AttributeHeader..length]).TrimEnd('\0');
            }

            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }

        return "";
    }

    public void Dispose() => _socket.Dispose();

    private void Ask(int group, ushort attribute, ReadOnlySpan<byte> value)
    {
        const ushort RequestWithAnswer = 5;
        var message = new byte[(Header + AttributeHeader + value.Length + 3) & ~3];
        MemoryMarshal.Write(message, message.Length);
        MemoryMarshal.Write(message.AsSpan(4), Config);
        MemoryMarshal.Write(message.AsSpan(6), RequestWithAnswer);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(Header - 2), (ushort)group);
        MemoryMarshal.Write(message.AsSpan(Header), (ushort)(AttributeHeader + value.Length));
        MemoryMarshal.Write(message.AsSpan(Header + 2), attribute);
        value.CopyTo(message.AsSpan(Header + AttributeHeader));
        PacketCalls.Send(_socket, message);
        _ = KernelEventCalls.Receive(_socket, _buffer, _buffer.Length, 0);
        if (MemoryMarshal.Read<int>(_buffer.AsSpan(16)) is var refused and not 0)
        {
            throw new InvalidOperationException($"the kernel refuses to log to group {group}: error {-refused}");
        }
    }
}
