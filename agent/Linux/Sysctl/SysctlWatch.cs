using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Sysctl;

/// <summary>
/// Tells when somebody writes to a kernel setting through /proc/sys, whatever the value. What the kernel changes by itself, or by
/// another name of the same setting, is not told: reading now and then is still needed.
/// </summary>
/// <remarks>There is no other news of most settings: netlink reports a few of them, and only some kernels.</remarks>
public sealed partial class SysctlWatch : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const uint Modified = 0x2;
    private const uint Overflowed = 0x4000;
    private const int HeaderLength = 16;
    private const int NoSpace = 28;

    private readonly SafeFileHandle _inotify;
    private readonly Dictionary<int, string> _names = [];
    private readonly HashSet<string> _watched = new(StringComparer.Ordinal);

    /// <summary>
    /// The kernel forgets what it knows of a setting's file when it needs memory, and makes another one for who writes next, which
    /// nobody watches. A file that is open it does not forget.
    /// </summary>
    private readonly List<SafeFileHandle> _held = [];
    private readonly byte[] _buffer = new byte[4096];

    private SysctlWatch(SafeFileHandle inotify) => _inotify = inotify;

    /// <summary>Readable when there is something to take.</summary>
    public SafeHandle Descriptor => _inotify;

    public static SysctlWatch Open()
    {
        var inotify = Init(NonBlocking | CloseOnExec);
        return inotify.IsInvalid ? throw new IOException($"inotify_init: {new Win32Exception().Message}") : new SysctlWatch(inotify);
    }

    /// <summary>From now on; a setting that is not there, or may not be read, is not watched. In the calling thread's network namespace.</summary>
    public void Watch(string name)
    {
        if (!_watched.Add(name))
        {
            return;
        }

        var path = SysctlTree.PathOf(name);
        var held = Hold(path);
        var descriptor = Add(_inotify, path, Modified);
        if (descriptor >= 0 && held is not null)
        {
            _held.Add(held);
            _names[descriptor] = name;
        }
        else if (held is null || Marshal.GetLastPInvokeError() != NoSpace)
        {
            // It may come with a module: asked for again the next time. Without room for more watches that would be of no use.
            _watched.Remove(name);
        }
    }

    /// <summary>Adds the settings that were written since the last time.</summary>
    public void Take(ISet<string> written)
    {
        nint length;
        while ((length = Read(_inotify, _buffer, (nuint)_buffer.Length)) > 0)
        {
            for (var rest = _buffer.AsSpan(0, (int)length); rest.Length >= HeaderLength;)
            {
                if ((BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) & Overflowed) != 0)
                {
                    written.UnionWith(_names.Values);
                }
                else if (_names.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(rest), out var name))
                {
                    written.Add(name);
                }

                rest = rest[(HeaderLength + BinaryPrimitives.ReadInt32LittleEndian(rest[12..]))..];
            }
        }
    }

    public void Dispose()
    {
        _inotify.Dispose();
        _held.ForEach(h => h.Dispose());
    }

    /// <summary>Null for one that is not there, or may not be read.</summary>
    private static SafeFileHandle? Hold(string path)
    {
        try
        {
            return File.OpenHandle(path, share: FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial SafeFileHandle Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Add(SafeFileHandle inotify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle inotify, [Out] byte[] buffer, nuint size);
}
