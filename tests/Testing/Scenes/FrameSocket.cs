using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>Sends any frame from a device, and receives what arrives there, whatever the stack behind it would make of it.</summary>
public sealed class FrameSocket : IDisposable
{
    private readonly KernelEventCalls.SocketHandle _socket;
    private readonly byte[] _buffer = new byte[65536];

    private FrameSocket(KernelEventCalls.SocketHandle socket) => _socket = socket;

    public static FrameSocket Open(NetNamespace where, string device) => new(where.Run(() => PacketCalls.Open(device, onlyIncoming: true)));

    /// <summary>
    /// Sends frames from several devices so that none overtakes another: a processor takes what waits for it in order, but two would
    /// each have a queue.
    /// </summary>
    public static void SendInOrder(IEnumerable<(FrameSocket From, byte[] Frame)> frames)
    {
        var allowed = PacketCalls.StayOnProcessor();
        try
        {
            foreach (var (from, frame) in frames)
            {
                PacketCalls.Send(from._socket, frame);
            }
        }
        finally
        {
            PacketCalls.SetProcessors(allowed);
        }
    }

    /// <summary>The next frame; null if none came in time.</summary>
    public byte[]? Receive(TimeSpan limit)
    {
        if (!KernelEventCalls.Wait(_socket, limit))
        {
            return null;
        }

        var length = (int)KernelEventCalls.Receive(_socket, _buffer, _buffer.Length, 0);
        return length > 0 ? _buffer[..length] : null;
    }

    public void Dispose() => _socket.Dispose();
}
