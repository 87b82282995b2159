using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>The netlink protocols spoken here.</summary>
internal enum NetlinkProtocol
{
    Route = 0,
    Netfilter = 12,
    Generic = 16,
}

/// <summary>
/// A netlink socket, which stays in the network namespace that it was opened in. Messages that come from anybody but the
/// kernel are thrown away.
/// </summary>
internal sealed partial class NetlinkSocket : IDatagramSocket
{
    private const int Family = 16;
    private const int Raw = 3;
    private const int CloseOnExec = 0x80000;
    private const int LevelSocket = 1;
    private const int ReceiveBuffer = 8;
    private const int ReceiveTimeout = 20;
    private const int ReceiveBufferForce = 33;
    private const int AttachFilter = 26;
    private const ushort LoadHalfWord = 0x28;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint TypeOffset = 4;
    private const int LevelNetlink = 270;
    private const int AddMembership = 1;
    private const int CapAck = 10;
    private const int ExtendedAck = 11;
    private const int StrictCheck = 12;
    private const int RealLength = 0x20;
    private const int DoNotWait = 0x40;

    /// <summary>The kernel answers requests before it returns from taking them: this long means that it never will.</summary>
    private static readonly TimeValue AnswerLimit = new() { Seconds = 10 };

    private readonly Handle _handle;

    private NetlinkSocket(Handle handle) => _handle = handle;

    public int ReceiveCapacity { get; private init; }

    /// <summary>For poll(2); valid while this is open.</summary>
    internal SafeHandle Descriptor => _handle;

    /// <summary>In the calling thread's network namespace.</summary>
    public static NetlinkSocket Open(NetlinkProtocol protocol, int receiveBuffer)
    {
        var descriptor = Socket(Family, Raw | CloseOnExec, (int)protocol);
        if (descriptor < 0)
        {
            throw Failure("socket");
        }

        var handle = new Handle(descriptor);
        try
        {
            Bind(handle);
            SetFlag(handle, CapAck);
            SetFlag(handle, ExtendedAck);
            SetFlag(handle, StrictCheck);
            SetReceiveTimeout(handle);
            return new NetlinkSocket(handle) { ReceiveCapacity = SetReceiveBuffer(handle, receiveBuffer) };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Hears what is sent to a multicast group from now on.</summary>
    public void Join(int group)
    {
        if (SetOption(_handle, LevelNetlink, AddMembership, group, sizeof(int)) < 0)
        {
            throw Failure("join");
        }
    }

    /// <summary>Has the kernel drop all messages but those of one type before they take room.</summary>
    public unsafe void AcceptOnly(ushort type)
    {
        // A classic packet filter reads numbers as they go over a network, and a netlink message has them as the processor has.
        var asRead = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(type) : type;
        var program = stackalloc FilterInstruction[]
        {
            new() { Code = LoadHalfWord, Operand = TypeOffset },
            new() { Code = JumpIfEqual, IfNot = 1, Operand = asRead },
            new() { Code = Return, Operand = uint.MaxValue },
            new() { Code = Return, Operand = 0 },
        };
        if (SetOption(_handle, LevelSocket, AttachFilter, new FilterProgram { Length = 4, Instructions = program }, (uint)sizeof(FilterProgram)) < 0)
        {
            throw Failure("setsockopt");
        }
    }

    public unsafe int Send(ReadOnlySpan<byte> datagram)
    {
        while (true)
        {
            fixed (byte* start = datagram)
            {
                if (SendBytes(_handle, start, (nuint)datagram.Length, 0) >= 0)
                {
                    return 0;
                }
            }

            if (Marshal.GetLastPInvokeError() is var error and not Errno.Interrupted)
            {
                return error;
            }
        }
    }

    public unsafe int Receive(Span<byte> buffer, bool wait)
    {
        while (true)
        {
            var sender = default(Address);
            var size = (uint)sizeof(Address);
            nint length;
            fixed (byte* start = buffer)
            {
                length = ReceiveBytes(_handle, start, (nuint)buffer.Length, wait ? RealLength : RealLength | DoNotWait, ref sender, ref size);
            }

            if (length >= 0)
            {
                if (sender.Port != 0)
                {
                    continue;
                }

                return (int)length;
            }

            if (Marshal.GetLastPInvokeError() is var error and not Errno.Interrupted)
            {
                return -error;
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private static unsafe void Bind(Handle handle)
    {
        var address = new Address { Family = Family };
        if (Bind(handle, address, (uint)sizeof(Address)) < 0)
        {
            throw Failure("bind");
        }
    }

    private static void SetFlag(Handle handle, int option)
    {
        if (SetOption(handle, LevelNetlink, option, 1, sizeof(int)) < 0)
        {
            throw Failure("setsockopt");
        }
    }

    private static unsafe void SetReceiveTimeout(Handle handle)
    {
        if (SetOption(handle, LevelSocket, ReceiveTimeout, AnswerLimit, (uint)sizeof(TimeValue)) < 0)
        {
            throw Failure("setsockopt");
        }
    }

    // Only root of the machine may pass net.core.rmem_max; others get as much as that allows.
    private static int SetReceiveBuffer(Handle handle, int bytes)
    {
        if (SetOption(handle, LevelSocket, ReceiveBufferForce, bytes, sizeof(int)) < 0
            && SetOption(handle, LevelSocket, ReceiveBuffer, bytes, sizeof(int)) < 0)
        {
            throw Failure("setsockopt");
        }

        var size = (uint)sizeof(int);
        return GetOption(handle, LevelSocket, ReceiveBuffer, out var granted, ref size) < 0 ? throw Failure("getsockopt") : granted;
    }

    private static NetlinkException Failure(string operation) =>
        new(new KernelRefusal(operation, "netlink", Marshal.GetLastPInvokeError()));

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Address
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    /// <summary>struct timeval.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterInstruction
    {
        public ushort Code;
        public byte If;
        public byte IfNot;
        public uint Operand;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }

    private sealed class Handle : SafeHandleMinusOneIsInvalid
    {
        public Handle(int descriptor)
            : base(ownsHandle: true) => SetHandle(descriptor);

        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(Handle socket, in Address address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(Handle socket, int level, int option, in int value, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(Handle socket, int level, int option, in TimeValue value, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(Handle socket, int level, int option, in FilterProgram value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(Handle socket, int level, int option, out int value, ref uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint SendBytes(Handle socket, byte* start, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static unsafe partial nint ReceiveBytes(
        Handle socket, byte* start, nuint length, int flags, ref Address sender, ref uint senderSize);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
