using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// Visits to another network namespace, for what follows the calling thread and not a socket, such as settings under /proc/sys.
/// Visits are short: a thread that the runtime starts meanwhile would stay there.
/// </summary>
public static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Until it is disposed the calling thread is in the other namespace; with null it stays where it is.</summary>
    public static Visit Enter(SafeFileHandle? networkNamespace)
    {
        if (networkNamespace is null)
        {
            return default;
        }

        var home = File.OpenHandle("/proc/thread-self/ns/net");
        try
        {
            Go(networkNamespace);
            return new Visit(home);
        }
        catch
        {
            home.Dispose();
            throw;
        }
    }

    private static void Go(SafeFileHandle networkNamespace)
    {
        if (SetNamespace(networkNamespace, CloneNewNet) != 0)
        {
            throw new NetlinkException(new KernelRefusal("setns", "network namespace", Marshal.GetLastPInvokeError()));
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int type);

    /// <summary>Goes home when it is disposed, on the thread that began it.</summary>
    public readonly ref struct Visit
    {
        private readonly SafeFileHandle? _home;

        internal Visit(SafeFileHandle home) => _home = home;

        public void Dispose()
        {
            if (_home is not null)
            {
                Go(_home);
                _home.Dispose();
            }
        }
    }
}
