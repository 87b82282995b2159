using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Systemd;

/// <summary>What is called of libsystemd. Present wherever systemd is; elsewhere <see cref="IsPresent"/> is false.</summary>
internal static unsafe partial class LibSystemd
{
    private const string Library = "libsystemd.so.0";

    private static readonly Lazy<bool> Present = new(() => NativeLibrary.TryLoad(Library, out _));

    public static bool IsPresent => Present.Value;

    [LibraryImport(Library, EntryPoint = "sd_notify", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Notify(int unsetEnvironment, string state);

    [LibraryImport(Library, EntryPoint = "sd_journal_sendv")]
    public static partial int JournalSend(IoVector* fields, int count);

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }
}
