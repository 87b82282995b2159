using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>
/// Where answers go. .NET's console passes over a pipe whose reader has gone: <c>cloudbrctl watch | head -1</c> would go on for
/// ever. A pipe is therefore written to directly, and a reader that has gone is an error.
/// </summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32;

    public static TextWriter Open() => IsPipe()
        ? new StreamWriter(new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0), new UTF8Encoding(false))
        : Console.Out;

    /// <summary>Whether this says that nobody reads any more.</summary>
    public static bool IsClosed(Exception exception) => exception is IOException { HResult: BrokenPipe };

    private static bool IsPipe() =>
        new FileInfo("/proc/self/fd/1").LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true;
}
