using System.Runtime.InteropServices;
using Cloudbr.Agent.Linux.Netlink.Sockets;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>
/// A kernel that says what the test wants it to: for each datagram sent, the datagrams (or error numbers) that come back.
/// </summary>
internal sealed class ScriptedSocket(Func<IReadOnlyList<MessageHeader>, IEnumerable<ScriptedSocket.Reply>> answer) : IDatagramSocket
{
    private readonly Queue<Reply> _replies = new();

    public List<byte[]> Sent { get; } = [];

    public int ReceiveCapacity { get; init; } = 1024 * 1024;

    public int SendError { get; init; }

    /// <summary>What <see cref="Receive"/> finds without anything having been sent.</summary>
    public void Push(params IEnumerable<Reply> replies)
    {
        foreach (var reply in replies)
        {
            _replies.Enqueue(reply);
        }
    }

    public int Send(ReadOnlySpan<byte> datagram)
    {
        if (SendError != 0)
        {
            return SendError;
        }

        Sent.Add(datagram.ToArray());
        List<MessageHeader> headers = [];
        foreach (var message in new MessageReader(datagram))
        {
            headers.Add(message.Header);
        }

        Push(answer(headers));
        return 0;
    }

    public int Receive(Span<byte> buffer, bool wait)
    {
        if (!_replies.TryDequeue(out var reply))
        {
            return -11;
        }

        if (reply.Errno != 0)
        {
            return -reply.Errno;
        }

        reply.Datagram.AsSpan(0, Math.Min(reply.Datagram.Length, buffer.Length)).CopyTo(buffer);
        return reply.Datagram.Length;
    }

    public void Dispose()
    {
    }

    public static byte[] Acknowledge(MessageHeader request, int errno = 0)
    {
        var message = new byte[36];
        MemoryMarshal.Write(message, new MessageHeader { Length = 36, Type = 2, Flags = 0x100, Sequence = request.Sequence });
        MemoryMarshal.Write(message.AsSpan(16), -errno);
        MemoryMarshal.Write(message.AsSpan(20), request);
        return message;
    }

    public static byte[] Done(uint sequence, ushort flags = 2, int errno = 0)
    {
        var message = new byte[20];
        MemoryMarshal.Write(message, new MessageHeader { Length = 20, Type = 3, Flags = flags, Sequence = sequence });
        MemoryMarshal.Write(message.AsSpan(16), -errno);
        return message;
    }

    internal readonly record struct Reply(byte[] Datagram, int Errno)
    {
        public static implicit operator Reply(byte[] datagram) => new(datagram, 0);

        public static implicit operator Reply(int errno) => new([], errno);
    }
}
