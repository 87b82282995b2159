using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cloudbr.Agent.Daemon.Requests;

/// <summary>
/// How a record stands in the file: a mark by which the next record is found again after damage, the length, a SHA-256 over length
/// and payload, the payload.
/// </summary>
internal static class AnswerFrame
{
    public const int HeaderSize = 8 + sizeof(int) + SHA256.HashSizeInBytes;

    private const int LengthAt = 8;
    private const int HashAt = LengthAt + sizeof(int);

    /// <summary>No text has these bytes in this order.</summary>
    public static ReadOnlySpan<byte> Mark => [0xCB, 0xFE, (byte)'a', (byte)'n', (byte)'s', (byte)'w', 0xFF, 0x0A];

    public static byte[] Around(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderSize + payload.Length];
        Mark.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(LengthAt), payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        Hash(frame, payload, frame.AsSpan(HashAt));
        return frame;
    }

    /// <summary>The payload's length as the header has it, or -1 if this is no header.</summary>
    public static int LengthIn(ReadOnlySpan<byte> header) =>
        header.StartsWith(Mark) ? Math.Max(BinaryPrimitives.ReadInt32LittleEndian(header[LengthAt..]), -1) : -1;

    public static bool IsWhole(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(header, payload, hash);
        return hash.SequenceEqual(header.Slice(HashAt, hash.Length));
    }

    private static void Hash(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> result)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header.Slice(LengthAt, sizeof(int)));
        hash.AppendData(payload);
        hash.GetHashAndReset(result);
    }
}
