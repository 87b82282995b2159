using System.Runtime.InteropServices;
using Cloudbr.Agent.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Linux.Files;

/// <summary>
/// The system calls on files that .NET lacks, or whose error number it hides: opening a folder, syncing it, names that are relative to
/// it. Each failure is a <see cref="FileException"/>.
/// </summary>
internal static partial class FileCalls
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int MakeIt = 0x40;
    public const int MakeItNew = 0x40 | 0x80;

    /// <summary>Never give it to a child.</summary>
    private const int CloseOnExec = 0x80000;

    /// <summary>Never wait for the other end of what is no file.</summary>
    private const int DoNotWait = 0x800;
    private const int ForOwner = 0x180;
    private const int FolderForOwner = 0x1C0;
    private const int ExclusiveAtOnce = 2 | 4;

    /// <summary>O_DIRECTORY, of which each architecture has its own.</summary>
    private static readonly int IsFolder = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    public static void MakeFolder(string path)
    {
        if (MakeDirectory(path, FolderForOwner) != 0 && Marshal.GetLastPInvokeError() is var error and not Errno.Exists)
        {
            throw new FileException("mkdir", path, error);
        }
    }

    public static SafeFileHandle OpenFolder(string path)
    {
        while (true)
        {
            var folder = OpenPath(path, ReadOnly | IsFolder | CloseOnExec, 0);
            if (!folder.IsInvalid)
            {
                return folder;
            }

            ThrowUnlessInterrupted("open", path);
        }
    }

    /// <summary>Null if there is no such file and none is made, or if there is one and it was to be new.</summary>
    public static SafeFileHandle? OpenFile(SafeFileHandle folder, string folderPath, string name, int flags)
    {
        while (true)
        {
            var file = OpenAt(folder, name, flags | DoNotWait | CloseOnExec, ForOwner);
            if (!file.IsInvalid)
            {
                return file;
            }

            if (Marshal.GetLastPInvokeError() is var error && (error == Errno.NoEntry ? (flags & MakeIt) == 0 : error == Errno.Exists))
            {
                return null;
            }

            ThrowUnlessInterrupted("open", System.IO.Path.Combine(folderPath, name));
        }
    }

    public static int Read(SafeFileHandle file, string path, Span<byte> buffer)
    {
        while (true)
        {
            var count = ReadBytes(file, buffer, (nuint)buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            ThrowUnlessInterrupted("read", path);
        }
    }

    public static void Write(SafeFileHandle file, string path, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = WriteBytes(file, bytes, (nuint)bytes.Length);
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
            }
            else
            {
                ThrowUnlessInterrupted("write", path);
            }
        }
    }

    /// <summary>It is not asked again after an error: the kernel says of a write-back that failed only once, and then forgets it.</summary>
    public static void Sync(SafeFileHandle file, string path)
    {
        while (SyncFile(file) != 0)
        {
            ThrowUnlessInterrupted("fsync", path);
        }
    }

    public static bool Rename(SafeFileHandle folder, string folderPath, string from, string to) =>
        Found(RenameAt(folder, from, folder, to), "rename", folderPath, from);

    public static bool Link(SafeFileHandle folder, string folderPath, string name, string second) =>
        Found(LinkAt(folder, name, folder, second, 0), "link", folderPath, name);

    public static bool Remove(SafeFileHandle folder, string folderPath, string name) =>
        Found(UnlinkAt(folder, name, 0), "unlink", folderPath, name);

    /// <summary>Until the handle is closed nobody else gets it, not even this process by another handle.</summary>
    public static void Lock(SafeFileHandle file, string path)
    {
        while (LockFile(file, ExclusiveAtOnce) != 0)
        {
            ThrowUnlessInterrupted("flock", path);
        }
    }

    private static bool Found(int result, string operation, string folderPath, string name)
    {
        if (result == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is var error && error == Errno.NoEntry
            ? false
            : throw new FileException(operation, System.IO.Path.Combine(folderPath, name), error);
    }

    private static void ThrowUnlessInterrupted(string operation, string path)
    {
        if (Marshal.GetLastPInvokeError() is var error and not Errno.Interrupted)
        {
            throw new FileException(operation, path, error);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenPath(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(SafeFileHandle file, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "renameat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to);

    [LibraryImport("libc", EntryPoint = "linkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int LinkAt(SafeFileHandle folder, string name, SafeFileHandle secondFolder, string second, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(SafeFileHandle file, int operation);
}
