using System.Diagnostics;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>
/// The kernel's own news about links, addresses, routes, neighbours and queueing disciplines of a namespace, so that
/// tests wait for what happens and not for time to pass.
/// </summary>
public sealed class KernelEvents : IDisposable
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    private readonly KernelEventCalls.SocketHandle _socket;

    private KernelEvents(KernelEventCalls.SocketHandle socket) => _socket = socket;

    /// <summary>Listens in the calling thread's namespace.</summary>
    public static KernelEvents Open() => new(KernelEventCalls.Open());

    /// <summary>Waits until the condition holds, looking again whenever the kernel reports a change.</summary>
    public void WaitUntil(string what, Func<bool> condition, TimeSpan? limit = null)
    {
        var timeLimit = limit ?? DefaultLimit;
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            var remaining = timeLimit - clock.Elapsed;
            if (remaining <= TimeSpan.Zero || !KernelEventCalls.WaitAndDrain(_socket, remaining))
            {
                throw new TimeoutException($"{what}: not within {timeLimit.TotalSeconds:0} s");
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
