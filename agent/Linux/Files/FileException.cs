using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Linux.Files;

/// <summary>What the kernel refused to do with a file: operation, path, and its own words.</summary>
public sealed class FileException(string operation, string path, int errno)
    : IOException($"{operation} {path}: {Errno.Describe(errno)}", errno)
{
    /// <summary>The system call: "open", "fsync".</summary>
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    public int Number { get; } = errno;

    /// <summary>As in "ENOSPC (No space left on device)".</summary>
    public string Words => Errno.Describe(Number);

    /// <summary>The disk, or this user's share of it, is full.</summary>
    public bool IsNoRoom => Number is Errno.NoSpace or Errno.QuotaExceeded;

    public bool IsReadOnly => Number == Errno.ReadOnlyFileSystem;

    public bool IsRefused => Number is Errno.NotPermitted or Errno.AccessDenied;

    /// <summary>Somebody else holds the lock.</summary>
    public bool IsLocked => Number == Errno.Again;
}
