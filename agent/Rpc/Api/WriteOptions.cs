namespace Grpc.Core;

[Flags]
public enum WriteFlags
{
    /// <summary>More will follow at once: the message may wait in a buffer for it.</summary>
    BufferHint = 1,

    /// <summary>Send this message uncompressed even where the call is compressed.</summary>
    NoCompress = 2,
}

/// <summary>How messages are written.</summary>
public class WriteOptions(WriteFlags flags = default)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}
