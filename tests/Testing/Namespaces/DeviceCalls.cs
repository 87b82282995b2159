using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>
/// What can be asked and done about a device of the calling thread's namespace without a program: in the lab's kernel each
/// program costs a tenth of a second.
/// </summary>
internal static partial class DeviceCalls
{
    private const int GetFlags = 0x8913;
    private const int SetFlags = 0x8914;
    private const int FlagsRequestSize = 40;
    private const int NameSize = 16;
    private const short Up = 0x1;

    private const ushort NewLink = 16;
    private const ushort GetLink = 18;
    private const ushort Request = 1;
    private const ushort Name = 3;
    private const ushort OperationalState = 16;
    private const byte OperationalUp = 6;
    private const int HeaderSize = 16;
    private const int LinkHeaderSize = 16;
    private const int AttributeHeaderSize = 4;

    internal static void BringUp(string device)
    {
        // Any socket will do but the runtime's own, which starts threads, and these would stay in the namespace.
        using var socket = KernelEventCalls.Open(groups: 0);
        Span<byte> request = stackalloc byte[FlagsRequestSize];
        Encoding.ASCII.GetBytes(device, request[..(NameSize - 1)]);
        KernelEventCalls.Check(Control((int)socket.DangerousGetHandle(), GetFlags, request), device);
        request[NameSize] |= (byte)Up;
        KernelEventCalls.Check(Control((int)socket.DangerousGetHandle(), SetFlags, request), device);
    }

    /// <summary>
    /// Whether a device's operational state is UP. IFF_RUNNING would not do: it is also set while the state is unknown, as
    /// that of a fresh device is, which then loses the first frames.
    /// </summary>
    internal static bool IsOperational(string device)
    {
        using var socket = KernelEventCalls.Open(groups: 0);
        Span<byte> message = stackalloc byte[HeaderSize + LinkHeaderSize + AttributeHeaderSize + NameSize];
        message.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], GetLink);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], Request);
        var name = message[(HeaderSize + LinkHeaderSize)..];
        BinaryPrimitives.WriteUInt16LittleEndian(name, AttributeHeaderSize + NameSize);
        BinaryPrimitives.WriteUInt16LittleEndian(name[2..], Name);
        Encoding.ASCII.GetBytes(device, name[AttributeHeaderSize..^1]);
        // The kernel answers before send returns.
        KernelEventCalls.Check((int)Send(socket, message, message.Length, 0), "send");
        Span<byte> answer = new byte[32768];
        var length = KernelEventCalls.Check((int)KernelEventCalls.Receive(socket, answer, answer.Length, 0), "recv");
        return BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) == NewLink
            ? StateIn(answer[(HeaderSize + LinkHeaderSize)..length]) == OperationalUp
            : throw new InvalidOperationException($"no device {device}");
    }

    private static byte StateIn(ReadOnlySpan<byte> attributes)
    {
        while (attributes.Length >= AttributeHeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == OperationalState)
            {
                return attributes[AttributeHeaderSize];
            }

            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, Span<byte> argument);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(KernelEventCalls.SocketHandle socket, ReadOnlySpan<byte> buffer, nint length, int flags);
}
