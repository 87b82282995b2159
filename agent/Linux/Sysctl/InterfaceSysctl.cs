using System.Runtime.InteropServices;
using System.Text;
using Cloudbr.Agent.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Sysctl;

/// <summary>
/// The settings of single network devices that netlink does not have. A thousand devices are a thousand writes, so each is
/// open, write and close and nothing more.
/// </summary>
public static partial class InterfaceSysctl
{
    private const int WriteOnly = 1;
    private const int CloseOnExec = 0x80000;
    private const int LongestName = 15;
    private const int LongestPath = 64;

    /// <summary>
    /// Switches IPv6 off or on, on a device in the calling thread's network namespace. Null if the kernel accepted; "not found" if there
    /// is no such device, or no IPv6 on it.
    /// </summary>
    public static KernelRefusal? SetIpv6Off(string device, bool off)
    {
        Span<byte> path = stackalloc byte[LongestPath];
        if (!TryFormat(device, path))
        {
            throw new ArgumentException($"'{device}' is no name of a network device.", nameof(device));
        }

        var descriptor = Open(path, WriteOnly | CloseOnExec);
        if (descriptor < 0)
        {
            return Refusal(device);
        }

        using var file = new SysctlFile(descriptor);
        ReadOnlySpan<byte> value = off ? "1"u8 : "0"u8;
        return Write(file, value, 1) < 0 ? Refusal(device) : null;
    }

    private static bool TryFormat(string device, Span<byte> path)
    {
        if (device is "" or "." or ".." || Encoding.UTF8.GetByteCount(device) > LongestName || device.AsSpan().ContainsAny('/', '\0'))
        {
            return false;
        }

        var length = Append(path, 0, "/proc/sys/net/ipv6/conf/"u8);
        length += Encoding.UTF8.GetBytes(device, path[length..]);
        length = Append(path, length, "/disable_ipv6"u8);
        path[length] = 0;
        return true;
    }

    private static int Append(Span<byte> path, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(path[at..]);
        return at + text.Length;
    }

    private static KernelRefusal Refusal(string device) => new("sysctl disable_ipv6", device, Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SysctlFile file, ReadOnlySpan<byte> value, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    private sealed class SysctlFile : SafeHandleMinusOneIsInvalid
    {
        public SysctlFile(int descriptor)
            : base(ownsHandle: true) => SetHandle(descriptor);

        protected override bool ReleaseHandle() => CloseDescriptor((int)handle) == 0;
    }
}
