using System.Globalization;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>The kernel's error numbers, with their names and the words that its manual pages use.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int Range = 34;
    public const int TooManyLinks = 40;
    public const int BadMessage = 74;
    public const int MessageSize = 90;
    public const int NotSupported = 95;
    public const int AddressNotAvailable = 99;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int QuotaExceeded = 122;

    private static readonly Dictionary<int, (string Name, string Words)> Known = new()
    {
        [NotPermitted] = ("EPERM", "Operation not permitted"),
        [NoEntry] = ("ENOENT", "No such file or directory"),
        [NoProcess] = ("ESRCH", "No such process"),
        [Interrupted] = ("EINTR", "Interrupted system call"),
        [5] = ("EIO", "Input/output error"),
        [6] = ("ENXIO", "No such device or address"),
        [7] = ("E2BIG", "Argument list too long"),
        [9] = ("EBADF", "Bad file descriptor"),
        [Again] = ("EAGAIN", "Resource temporarily unavailable"),
        [NoMemory] = ("ENOMEM", "Cannot allocate memory"),
        [AccessDenied] = ("EACCES", "Permission denied"),
        [14] = ("EFAULT", "Bad address"),
        [Busy] = ("EBUSY", "Device or resource busy"),
        [Exists] = ("EEXIST", "File exists"),
        [18] = ("EXDEV", "Invalid cross-device link"),
        [NoDevice] = ("ENODEV", "No such device"),
        [20] = ("ENOTDIR", "Not a directory"),
        [IsDirectory] = ("EISDIR", "Is a directory"),
        [Invalid] = ("EINVAL", "Invalid argument"),
        [23] = ("ENFILE", "Too many open files in system"),
        [24] = ("EMFILE", "Too many open files"),
        [FileTooLarge] = ("EFBIG", "File too large"),
        [NoSpace] = ("ENOSPC", "No space left on device"),
        [ReadOnlyFileSystem] = ("EROFS", "Read-only file system"),
        [32] = ("EPIPE", "Broken pipe"),
        [Range] = ("ERANGE", "Numerical result out of range"),
        [36] = ("ENAMETOOLONG", "File name too long"),
        [38] = ("ENOSYS", "Function not implemented"),
        [TooManyLinks] = ("ELOOP", "Too many levels of symbolic links"),
        [42] = ("ENOMSG", "No message of desired type"),
        [61] = ("ENODATA", "No data available"),
        [BadMessage] = ("EBADMSG", "Bad message"),
        [75] = ("EOVERFLOW", "Value too large for defined data type"),
        [76] = ("ENOTUNIQ", "Name not unique on network"),
        [MessageSize] = ("EMSGSIZE", "Message too long"),
        [92] = ("ENOPROTOOPT", "Protocol not available"),
        [93] = ("EPROTONOSUPPORT", "Protocol not supported"),
        [94] = ("ESOCKTNOSUPPORT", "Socket type not supported"),
        [NotSupported] = ("EOPNOTSUPP", "Operation not supported"),
        [96] = ("EPFNOSUPPORT", "Protocol family not supported"),
        [97] = ("EAFNOSUPPORT", "Address family not supported by protocol"),
        [98] = ("EADDRINUSE", "Address already in use"),
        [AddressNotAvailable] = ("EADDRNOTAVAIL", "Cannot assign requested address"),
        [100] = ("ENETDOWN", "Network is down"),
        [101] = ("ENETUNREACH", "Network is unreachable"),
        [NoBuffers] = ("ENOBUFS", "No buffer space available"),
        [TimedOut] = ("ETIMEDOUT", "Connection timed out"),
        [113] = ("EHOSTUNREACH", "No route to host"),
        [114] = ("EALREADY", "Operation already in progress"),
        [116] = ("ESTALE", "Stale file handle"),
        [117] = ("EUCLEAN", "Structure needs cleaning"),
        [QuotaExceeded] = ("EDQUOT", "Disk quota exceeded"),
    };

    /// <summary>As in "EEXIST (File exists)".</summary>
    public static string Describe(int errno) => Known.TryGetValue(errno, out var known)
        ? $"{known.Name} ({known.Words})"
        : string.Create(CultureInfo.InvariantCulture, $"error {errno}");
}
