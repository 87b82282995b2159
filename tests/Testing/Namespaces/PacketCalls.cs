using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>The system calls of packet sockets, which see every frame of one device.</summary>
internal static partial class PacketCalls
{
    private const int AfPacket = 17;
    private const int SockRaw = 3;
    private const int SockCloseOnExec = 0x80000;
    private const int SockNonBlocking = 0x800;

    /// <summary>ETH_P_ALL in network byte order.</summary>
    private const ushort EveryProtocol = 0x0300;

    /// <summary>Opens one on a device of the calling thread's namespace.</summary>
    internal static KernelEventCalls.SocketHandle Open(string device)
    {
        var index = InterfaceIndex(device);
        if (index == 0)
        {
            throw new InvalidOperationException($"no device {device}");
        }

        // No protocol yet: until it is bound it would take the frames of all devices.
        var socket = KernelEventCalls.NewSocket(AfPacket, SockRaw | SockCloseOnExec | SockNonBlocking, 0);
        var address = new LinkAddress { Family = AfPacket, Protocol = EveryProtocol, Index = (int)index };
        KernelEventCalls.Check(Bind(socket, address, Marshal.SizeOf<LinkAddress>()), "bind");
        return socket;
    }

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
}
