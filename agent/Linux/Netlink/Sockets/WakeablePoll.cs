using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>Waits for a socket to become readable; another thread can end the waiting.</summary>
internal sealed partial class WakeablePoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const short Readable = 1;

    private readonly SafeHandle _socket;
    private readonly EventHandle _wake;
    private readonly List<SafeHandle> _others = [];

    public WakeablePoll(SafeHandle socket)
    {
        _socket = socket;
        var descriptor = CreateEvent(0, CloseOnExec | NonBlocking);
        _wake = descriptor >= 0 ? new EventHandle(descriptor) : throw Failure("eventfd");
    }

    /// <summary>This one's becoming readable ends the waiting, too.</summary>
    public void Add(SafeHandle other) => _others.Add(other);

    /// <summary>Null waits for ever.</summary>
    public void Wait(TimeSpan? limit)
    {
        var clock = Stopwatch.StartNew();
        Span<PollRequest> requests = stackalloc PollRequest[2 + _others.Count];
        requests[0] = new PollRequest { Descriptor = (int)_socket.DangerousGetHandle(), Events = Readable };
        requests[1] = new PollRequest { Descriptor = (int)_wake.DangerousGetHandle(), Events = Readable };
        for (var i = 0; i < _others.Count; i++)
        {
            requests[2 + i] = new PollRequest { Descriptor = (int)_others[i].DangerousGetHandle(), Events = Readable };
        }

        while (Poll(requests, (nuint)requests.Length, Milliseconds(limit - clock.Elapsed)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
            {
                throw Failure("poll");
            }
        }

        if (requests[1].Returned != 0)
        {
            // Takes all wake-ups at once; there is nothing to do about a failure, for then there was none.
            Read(_wake, out _, sizeof(ulong));
        }
    }

    public void Wake() => Write(_wake, 1, sizeof(ulong));

    public void Dispose() => _wake.Dispose();

    private static int Milliseconds(TimeSpan? left) => left is { } time
        ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue)
        : -1;

    private static NetlinkException Failure(string operation) =>
        new(new KernelRefusal(operation, "netlink", Marshal.GetLastPInvokeError()));

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    private sealed class EventHandle : SafeHandleMinusOneIsInvalid
    {
        public EventHandle(int descriptor)
            : base(ownsHandle: true) => SetHandle(descriptor);

        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Span<PollRequest> requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(EventHandle handle, out ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(EventHandle handle, in ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
