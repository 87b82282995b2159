using System.Buffers;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Tests.Support;
using FsCheck;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

internal sealed class MessageDecoderTests
{
    private const int Limit = 1 << 20;

    [Property(MaxTest = 100)]
    public void Decode_CompressedMessageInPieces_GivesTheMessage(byte[] message, int seed)
    {
        using var decoder = new MessageDecoder("gzip", Limit);
        var frame = new Frame(true, Segments.Of(Frames.Gzipped(message), new Random(seed)));

        Assert.That(decoder.Decode(frame, Frames.Bytes), Is.EqualTo(message));
        Assert.That(decoder.LastCompressed);
    }

    [Property(MaxTest = 200)]
    public void Decode_CompressedGarbage_IsRefused(NonEmptyArray<byte> garbage)
    {
        using var decoder = new MessageDecoder("gzip", Limit);

        var refusal = Frames.Refusal(() => decoder.Decode(Compressed(garbage.Get), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Test]
    public void Decode_CompressedMessageOfNoBytes_IsAnEmptyMessage()
    {
        using var decoder = new MessageDecoder("gzip", Limit);

        Assert.That(decoder.Decode(Compressed([]), Frames.Bytes), Is.Empty);
    }

    [Test]
    public void Decode_TruncatedGzip_IsRefused([Values(1, 4, 8, 9, 20, 500)] int missing)
    {
        using var decoder = new MessageDecoder("gzip", Limit);
        var whole = Frames.Gzipped(Frames.Noise(1000));

        var refusal = Frames.Refusal(() => decoder.Decode(Compressed(whole[..^missing]), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Test]
    public void Decode_GzipWithAFlippedByte_IsRefused([Values(0, 2, 15, 500, -8, -1)] int position)
    {
        using var decoder = new MessageDecoder("gzip", Limit);
        var bytes = Frames.Gzipped(Frames.Noise(1000));
        bytes[position < 0 ? bytes.Length + position : position] ^= 0x55;

        var refusal = Frames.Refusal(() => decoder.Decode(Compressed(bytes), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Test]
    public void Decode_GarbageAfterGzip_IsRefused([Values(1, 3, 100, 20_000)] int length)
    {
        using var decoder = new MessageDecoder("gzip", Limit);

        var refusal = Frames.Refusal(
            () => decoder.Decode(Compressed([.. Frames.Gzipped(Frames.Noise(1000)), .. Frames.Noise(length)]), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Test]
    public void Decode_GzipBomb_IsRefusedAtTheLimit()
    {
        using var decoder = new MessageDecoder("gzip", 1000);
        var bomb = Frames.Gzipped(new byte[64 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Frames.Refusal(() => decoder.Decode(Compressed(bomb), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void Decode_CompressedMessageInACallWithoutEncoding_IsRefused([Values(null, "identity")] string? encoding)
    {
        using var decoder = new MessageDecoder(encoding, Limit);

        var refusal = Frames.Refusal(() => decoder.Decode(Compressed(Frames.Gzipped([1])), Frames.Bytes));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(refusal.Status.Detail, Does.Contain("grpc-encoding"));
    }

    [Test]
    public void Decode_PlainMessageInACompressedCall_IsAccepted()
    {
        using var decoder = new MessageDecoder("gzip", Limit);

        Assert.That(decoder.Decode(new Frame(false, new ReadOnlySequence<byte>([1, 2])), Frames.Bytes), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(decoder.LastCompressed, Is.False);
    }

    [Test]
    public void Decode_MarshallerThatFails_IsRefusedWithItsWords()
    {
        using var decoder = new MessageDecoder(null, Limit);
        var failing = new Marshaller<string>((_, _) => { }, _ => throw new FormatException("no such message"));

        var refusal = Frames.Refusal(() => decoder.Decode(new Frame(false, default), failing));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(refusal.Status.Detail, Does.Contain("no such message"));
    }

    [Test]
    public void Decode_MarshallerThatReturnsNull_IsRefused()
    {
        using var decoder = new MessageDecoder(null, Limit);
        var empty = new Marshaller<string>((_, _) => { }, _ => null!);

        Assert.That(
            Frames.Refusal(() => decoder.Decode(new Frame(false, default), empty)).StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Test]
    public void Decode_ContextualMarshaller_SeesLengthAndBytes()
    {
        using var decoder = new MessageDecoder(null, Limit);
        var contextual = new Marshaller<string>(
            (_, _) => { }, c => $"{c.PayloadLength}:{c.PayloadAsReadOnlySequence().Length}:{c.PayloadAsNewBuffer().Length}");

        Assert.That(decoder.Decode(new Frame(false, new ReadOnlySequence<byte>(new byte[7])), contextual), Is.EqualTo("7:7:7"));
    }

    private static Frame Compressed(byte[] bytes) => new(true, new ReadOnlySequence<byte>(bytes));
}
