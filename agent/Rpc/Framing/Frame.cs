using System.Buffers;
using System.Buffers.Binary;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>One length-prefixed message: a flag byte (1: compressed), four bytes of length, the payload.</summary>
internal readonly struct Frame(bool compressed, ReadOnlySequence<byte> payload)
{
    public const int HeaderLength = 5;

    public bool Compressed { get; } = compressed;

    public ReadOnlySequence<byte> Payload { get; } = payload;

    public static void WriteHeader(Span<byte> destination, bool compressed, int length)
    {
        destination[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..HeaderLength], length);
    }

    /// <summary>Reads a header; refuses at once what could never become a message that is accepted.</summary>
    public static (bool Compressed, int Length) ReadHeader(ReadOnlySpan<byte> header, int limit)
    {
        if (header[0] > 1)
        {
            throw FrameException.Malformed($"message starts with the flag byte 0x{header[0]:x2}, which is neither 0 nor 1");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..HeaderLength]);
        if (length > limit)
        {
            throw FrameException.TooLarge("received", length, limit);
        }

        return (header[0] == 1, (int)length);
    }

    /// <summary>Takes one whole message off the front of <paramref name="input"/>, or nothing while it is incomplete.</summary>
    public static bool TryTake(ref ReadOnlySequence<byte> input, int limit, out Frame frame)
    {
        frame = default;
        if (input.Length < HeaderLength)
        {
            return false;
        }

        var (compressed, length) = input.FirstSpan.Length >= HeaderLength
            ? ReadHeader(input.FirstSpan, limit)
            : ReadSplitHeader(input, limit);
        if (input.Length < HeaderLength + (long)length)
        {
            return false;
        }

        frame = new Frame(compressed, input.Slice(HeaderLength, length));
        input = input.Slice(frame.Payload.End);
        return true;
    }

    private static (bool Compressed, int Length) ReadSplitHeader(in ReadOnlySequence<byte> input, int limit)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        input.Slice(0, HeaderLength).CopyTo(header);
        return ReadHeader(header, limit);
    }
}
