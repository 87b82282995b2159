using Microsoft.Win32.SafeHandles;

namespace Cloudbr.Agent.Cli.Output;

/// <summary>
/// Standard output that says when nobody reads it any more. .NET's console swallows that, so <c>watch | head</c> would go on
/// for ever.
/// </summary>
internal static class StandardOutput
{
    public static TextWriter Open()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 1);

        // In a file this stream would keep a position of its own, and write over what others write there.
        return stream.CanSeek ? Console.Out : new StreamWriter(stream);
    }
}
