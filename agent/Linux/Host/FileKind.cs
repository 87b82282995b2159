using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Host;

/// <summary>What a name in the file system stands for; .NET tells only some of these apart.</summary>
public enum FileKind
{
    Missing,
    File,
    Directory,
    Link,
    Socket,
    Other,
}

/// <summary>Looks at a name without following it, opening it or waiting for it.</summary>
public static partial class FileKinds
{
    private const int WorkingDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int StatxSize = 256;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    public static FileKind Of(string path)
    {
        Span<byte> statx = stackalloc byte[StatxSize];
        if (Statx(WorkingDirectory, path, NoFollow, TypeOnly, statx) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoEntry or NotDirectory
                ? FileKind.Missing
                : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        return (MemoryMarshal.Read<ushort>(statx[ModeOffset..]) & 0xF000) switch
        {
            0x4000 => FileKind.Directory,
            0x8000 => FileKind.File,
            0xA000 => FileKind.Link,
            0xC000 => FileKind.Socket,
            _ => FileKind.Other,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> result);
}
