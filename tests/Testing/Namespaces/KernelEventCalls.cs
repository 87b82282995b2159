using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>The system calls of rtnetlink sockets, and how one listens to the multicast groups.</summary>
internal static partial class KernelEventCalls
{
    private const int AfNetlink = 16;
    private const int SockRaw = 3;
    private const int SockCloseOnExec = 0x80000;
    private const int SockNonBlocking = 0x800;
    private const int NetlinkRoute = 0;
    private const short PollIn = 1;
    private const int Interrupted = 4;
    private const int NoBuffers = 105;

    /// <summary>RTMGRP_LINK, _NEIGH, _TC, and addresses and routes of both families.</summary>
    private const uint AllGroups = 0x1 | 0x4 | 0x8 | 0x10 | 0x40 | 0x100 | 0x400;

    internal static SocketHandle Open(uint groups = AllGroups)
    {
        var socket = NewSocket(AfNetlink, SockRaw | SockCloseOnExec | SockNonBlocking, NetlinkRoute);
        var address = new NetlinkAddress { Family = AfNetlink, Groups = groups };
        Check(Bind(socket, address, Marshal.SizeOf<NetlinkAddress>()), "bind");
        return socket;
    }

    internal static SocketHandle NewSocket(int family, int type, int protocol) =>
        new(Check(Socket(family, type, protocol), "socket"));

    /// <summary>Waits until there is something to receive; false when the time is up.</summary>
    internal static bool Wait(SocketHandle socket, TimeSpan limit)
    {
        var poll = new PollRequest { Descriptor = (int)socket.DangerousGetHandle(), Events = PollIn };
        var ready = Poll(ref poll, 1, (int)Math.Ceiling(limit.TotalMilliseconds));
        if (ready < 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw Failure("poll");
        }

        return ready != 0;
    }

    /// <summary>Waits for a message and throws away all that are there; false when the time is up.</summary>
    internal static bool WaitAndDrain(SocketHandle socket, TimeSpan limit)
    {
        var ready = Wait(socket, limit);
        Span<byte> buffer = stackalloc byte[8192];
        // NoBuffers: messages were lost, which is itself news; the caller looks at the state and not at messages.
        while (ready && (Receive(socket, buffer, buffer.Length, 0) > 0 || Marshal.GetLastPInvokeError() == NoBuffers))
        {
        }

        return ready;
    }

    internal static int Check(int result, string operation) => result >= 0 ? result : throw Failure(operation);

    private static InvalidOperationException Failure(string operation)
    {
        var reason = new Win32Exception(Marshal.GetLastPInvokeError());
        return new InvalidOperationException($"{operation}: {reason.Message}", reason);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>An open socket, closed once.</summary>
    internal sealed class SocketHandle : SafeHandle
    {
        internal SocketHandle(int descriptor)
            : base(-1, ownsHandle: true) => SetHandle(descriptor);

        public override bool IsInvalid => handle == -1;

        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SocketHandle socket, in NetlinkAddress address, int length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(SocketHandle socket, Span<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
