using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>What statx(2) says of a name in the file system, which is not followed, opened or waited for.</summary>
/// <param name="Mode">Its type and permissions.</param>
/// <param name="Inode">Its number on its device.</param>
/// <param name="DeviceMajor">The device that it lies on.</param>
/// <param name="DeviceMinor">The other half of that.</param>
internal readonly partial record struct FileStatus(ushort Mode, ulong Inode, uint DeviceMajor, uint DeviceMinor)
{
    private const int WorkingDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeAndInode = 0x101;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;
    private const int StatxSize = 256;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>Null if there is nothing of that name.</summary>
    public static FileStatus? Of(string path)
    {
        Span<byte> statx = stackalloc byte[StatxSize];
        if (Statx(WorkingDirectory, path, NoFollow, TypeAndInode, statx) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoEntry or NotDirectory
                ? null
                : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        return new FileStatus(
            MemoryMarshal.Read<ushort>(statx[ModeOffset..]),
            MemoryMarshal.Read<ulong>(statx[InodeOffset..]),
            MemoryMarshal.Read<uint>(statx[DeviceOffset..]),
            MemoryMarshal.Read<uint>(statx[(DeviceOffset + sizeof(uint))..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> result);
}
