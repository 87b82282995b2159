using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>
/// Opens sockets in another network namespace: on a thread of its own, which goes home before it ends, for threads that the
/// runtime starts from a thread inherit its namespace.
/// </summary>
internal static partial class NetworkNamespaceThread
{
    private const int NetworkNamespace = 0x40000000;

    public static T Run<T>(SafeFileHandle networkNamespace, Func<T> open)
        where T : IDisposable
    {
        ExceptionDispatchInfo? failure = null;
        var opened = default(T);
        var thread = new Thread(() =>
        {
            try
            {
                using var home = File.OpenHandle("/proc/thread-self/ns/net");
                Enter(networkNamespace);
                try
                {
                    opened = open();
                }
                finally
                {
                    Enter(home);
                }
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true, Name = "netlink in a namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return opened!;
    }

    private static void Enter(SafeFileHandle networkNamespace)
    {
        if (SetNamespace(networkNamespace, NetworkNamespace) != 0)
        {
            throw new NetlinkException(new KernelRefusal("setns", "network namespace", Marshal.GetLastPInvokeError()));
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int type);
}
