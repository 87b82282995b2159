using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Testing.Namespaces;

/// <summary>The system calls about network namespaces: unshare(2) and setns(2), and the file that is a namespace.</summary>
internal static partial class NamespaceCalls
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Moves the calling thread into a fresh network namespace.</summary>
    internal static void UnshareNetwork()
    {
        if (Unshare(CloneNewNet) != 0)
        {
            throw Failure("unshare(CLONE_NEWNET): run as root, or under `unshare -Urn`");
        }
    }

    /// <summary>Moves the calling thread into this namespace.</summary>
    internal static void Enter(SafeFileHandle networkNamespace)
    {
        if (SetNs(networkNamespace, CloneNewNet) != 0)
        {
            throw Failure("setns");
        }
    }

    /// <summary>The namespace of the calling thread; it lives as long as somebody holds this open.</summary>
    internal static SafeFileHandle OpenCurrent() => File.OpenHandle("/proc/thread-self/ns/net");

    private static InvalidOperationException Failure(string operation)
    {
        var reason = new Win32Exception(Marshal.GetLastPInvokeError());
        return new InvalidOperationException($"{operation}: {reason.Message}", reason);
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(SafeFileHandle fd, int type);
}
