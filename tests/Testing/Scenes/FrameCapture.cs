using System.Diagnostics;
using Cloudbr.Agent.Testing.Namespaces;

namespace Cloudbr.Agent.Testing.Scenes;

/// <summary>
/// The frames that a device sends and receives: what is really on the wire, whatever the tools report. A socket of this
/// process and not tcpdump, which insists on changing its user and so works neither tied to the test nor without root.
/// </summary>
public sealed class FrameCapture : IDisposable
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    private readonly KernelEventCalls.SocketHandle _socket;

    private FrameCapture(KernelEventCalls.SocketHandle socket) => _socket = socket;

    /// <summary>Captures both directions from the moment this returns.</summary>
    public static FrameCapture Start(NetNamespace where, string device) => new(where.Run(() => PacketCalls.Open(device)));

    /// <summary>The next frame that is what is looked for; those before it are gone.</summary>
    public Frame Next(string what, Func<Frame, bool> isIt, TimeSpan? limit = null)
    {
        var timeLimit = limit ?? DefaultLimit;
        var clock = Stopwatch.StartNew();
        var seen = new List<Frame>();
        var buffer = new byte[65536];
        while (true)
        {
            var remaining = timeLimit - clock.Elapsed;
            if (remaining <= TimeSpan.Zero || !KernelEventCalls.Wait(_socket, remaining))
            {
                throw new TimeoutException($"{what}: not within {timeLimit.TotalSeconds:0} s, only:\n{string.Join('\n', seen)}");
            }

            var length = (int)KernelEventCalls.Receive(_socket, buffer, buffer.Length, 0);
            if (length <= 0)
            {
                continue;
            }

            var frame = new Frame(buffer[..length]);
            if (isIt(frame))
            {
                return frame;
            }

            seen.Add(frame);
        }
    }

    public void Dispose() => _socket.Dispose();
}
