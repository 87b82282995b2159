using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>The system calls of packet sockets, which see every frame of one device.</summary>
internal static partial class PacketCalls
{
    private const int AfPacket = 17;
    private const int SockRaw = 3;
    private const int SockCloseOnExec = 0x80000;
    private const int SockNonBlocking = 0x800;

    private const int SolPacket = 263;
    private const int IgnoreOutgoing = 23;

    /// <summary>ETH_P_ALL in network byte order.</summary>
    private const ushort EveryProtocol = 0x0300;

    /// <summary>Opens one on a device of the calling thread's namespace.</summary>
    /// <param name="device">The device.</param>
    /// <param name="onlyIncoming">Whether what the device sends is left out.</param>
    internal static KernelEventCalls.SocketHandle Open(string device, bool onlyIncoming = false)
    {
        var index = InterfaceIndex(device);
        if (index == 0)
        {
            throw new InvalidOperationException($"no device {device}");
        }

        // No protocol yet: until it is bound it would take the frames of all devices.
        var socket = KernelEventCalls.NewSocket(AfPacket, SockRaw | SockCloseOnExec | SockNonBlocking, 0);
        var ignores = onlyIncoming ? 1 : 0;
        KernelEventCalls.Check(SetOption(socket, SolPacket, IgnoreOutgoing, ignores, sizeof(int)), "setsockopt");
        var address = new LinkAddress { Family = AfPacket, Protocol = EveryProtocol, Index = (int)index };
        KernelEventCalls.Check(Bind(socket, address, Marshal.SizeOf<LinkAddress>()), "bind");
        return socket;
    }

    /// <summary>Sends a whole frame.</summary>
    internal static void Send(KernelEventCalls.SocketHandle socket, ReadOnlySpan<byte> frame) =>
        KernelEventCalls.Check((int)Send(socket, frame, frame.Length, 0), "send");

    /// <summary>Keeps the calling thread on the processor that it is on; what is returned lets it go wherever it might before.</summary>
    internal static byte[] StayOnProcessor()
    {
        var allowed = new byte[128];
        KernelEventCalls.Check(GetAffinity(0, allowed.Length, allowed), "sched_getaffinity");
        var here = KernelEventCalls.Check(CurrentProcessor(), "sched_getcpu");
        var only = new byte[allowed.Length];
        only[here / 8] = (byte)(1 << (here % 8));
        SetProcessors(only);
        return allowed;
    }

    internal static void SetProcessors(byte[] allowed) => KernelEventCalls.Check(SetAffinity(0, allowed.Length, allowed), "sched_setaffinity");

    [StructLayout(LayoutKind.Sequential)]
    private struct LinkAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int Index;
        public ushort HardwareType;
        public byte PacketType;
        public byte Length;
        public ulong Address;
    }

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(KernelEventCalls.SocketHandle socket, in LinkAddress address, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(KernelEventCalls.SocketHandle socket, int level, int name, in int value, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(KernelEventCalls.SocketHandle socket, ReadOnlySpan<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sched_getcpu", SetLastError = true)]
    private static partial int CurrentProcessor();

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nint length, Span<byte> mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint length, ReadOnlySpan<byte> mask);
}
