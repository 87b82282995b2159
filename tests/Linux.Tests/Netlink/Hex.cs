namespace Cloudbr.Agent.Linux.Tests.Netlink;

/// <summary>Captured bytes.</summary>
internal static class Hex
{
    private const int HeaderSize = 16;

    public static byte[] Bytes(string captured) => Convert.FromHexString(string.Concat(captured.Where(c => !char.IsWhiteSpace(c))));

    /// <summary>Of the one message in it, what comes after its header.</summary>
    public static byte[] Payload(string captured) => Bytes(captured)[HeaderSize..];

    /// <summary>The same message with another sequence number.</summary>
    public static byte[] Answering(string captured, uint sequence, ushort extraFlags = 0)
    {
        var bytes = Bytes(captured);
        BitConverter.TryWriteBytes(bytes.AsSpan(6), (ushort)(BitConverter.ToUInt16(bytes, 6) | extraFlags));
        BitConverter.TryWriteBytes(bytes.AsSpan(8), sequence);
        return bytes;
    }
}
