using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink.Sockets;

/// <summary>
/// Opens sockets in another network namespace: on a thread of its own, which goes home before it ends, for threads that the
/// runtime starts from a thread inherit its namespace.
/// </summary>
internal static class NetworkNamespaceThread
{
    public static T Run<T>(SafeFileHandle networkNamespace, Func<T> open)
        where T : IDisposable
    {
        ExceptionDispatchInfo? failure = null;
        var opened = default(T);
        var thread = new Thread(() =>
        {
            try
            {
                using var visit = NetworkNamespace.Enter(networkNamespace);
                opened = open();
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
}
