using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Cloudbr.Agent.Rpc.Framing;

/// <summary>Message compression. What a small frame inflates to is bounded by the same limit as any message.</summary>
internal static class Gzip
{
    /// <summary>Ten bytes of header, eight at the end.</summary>
    private const int ShortestStream = 18;

    public static void Compress(ReadOnlyMemory<byte> payload, PooledBuffer destination)
    {
        using var gzip = new GZipStream(new BufferStream(destination), CompressionLevel.Fastest);
        gzip.Write(payload.Span);
    }

    /// <summary>An empty payload is an empty message: some peers write nothing where gzip would want a header.</summary>
    public static void Decompress(in ReadOnlySequence<byte> payload, PooledBuffer destination, int limit)
    {
        if (payload.IsEmpty)
        {
            return;
        }

        using var gzip = new GZipStream(new SequenceStream(payload), CompressionMode.Decompress);
        try
        {
            int read;
            while ((read = gzip.Read(destination.GetSpan(4096))) > 0)
            {
                destination.Advance(read);
                if (destination.Length > limit)
                {
                    throw FrameException.TooLarge("decompressed", destination.Length, limit);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw FrameException.Malformed($"message is marked as gzip and is not: {e.Message}");
        }

        // GZipStream takes a stream that was cut off for one that has ended. The length at its end tells them apart.
        if (LengthAtEnd(payload) != (uint)destination.Length)
        {
            throw FrameException.Malformed("message is marked as gzip and ends early");
        }
    }

    /// <summary>What a whole gzip stream says, in its last four bytes, of the length of what it holds.</summary>
    private static uint? LengthAtEnd(in ReadOnlySequence<byte> payload)
    {
        if (payload.Length < ShortestStream)
        {
            return null;
        }

        Span<byte> length = stackalloc byte[sizeof(uint)];
        payload.Slice(payload.Length - sizeof(uint)).CopyTo(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }

    /// <summary>The little of a stream that GZipStream needs to write into a buffer.</summary>
    private sealed class BufferStream(PooledBuffer buffer) : ForwardStream
    {
        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> source) => buffer.Write(source);

        public override void Write(byte[] source, int offset, int count) => buffer.Write(source.AsSpan(offset, count));
    }

    /// <summary>The little of a stream that GZipStream needs to read a message where it lies.</summary>
    private sealed class SequenceStream(ReadOnlySequence<byte> sequence) : ForwardStream
    {
        private ReadOnlySequence<byte> _rest = sequence;

        public override bool CanRead => true;

        public override int Read(Span<byte> destination)
        {
            var count = (int)Math.Min(destination.Length, _rest.Length);
            _rest.Slice(0, count).CopyTo(destination);
            _rest = _rest.Slice(count);
            return count;
        }

        public override int Read(byte[] destination, int offset, int count) => Read(destination.AsSpan(offset, count));
    }

    private abstract class ForwardStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
