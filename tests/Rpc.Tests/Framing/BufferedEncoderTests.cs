using System.Buffers;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

internal sealed class BufferedEncoderTests
{
    [Test]
    public void Encode_MessagesOfAnyLengthInARow_ComeOutAsWritten([Values] Writing writing, [Values] bool compress)
    {
        using var encoder = new BufferedEncoder(1 << 20);
        var messages = PipeEncoderTests.Lengths.Select(l => Frames.Noise(l, l)).ToList();
        foreach (var message in messages)
        {
            encoder.Encode(message, EncoderMarshallers.For(writing), compress);
        }

        Assert.That(MessagesIn(encoder, compress), Is.EqualTo(messages));
    }

    [Test]
    public void Clear_BetweenMessages_LeavesOnlyTheLast()
    {
        using var encoder = new BufferedEncoder(1 << 20);
        encoder.Encode(Frames.Noise(5000), Frames.Bytes, compress: false);
        encoder.Clear();
        encoder.Encode([7], Frames.Bytes, compress: false);

        Assert.That(encoder.Written.ToArray(), Is.EqualTo(Frames.Of([7])));
    }

    [Test]
    public void Encode_MessageBeyondTheLimit_IsRefused([Values] Writing writing, [Values] bool compress)
    {
        using var encoder = new BufferedEncoder(100);

        var refusal = Frames.Refusal(() => encoder.Encode(new byte[101], EncoderMarshallers.For(writing), compress));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public void Encode_MessageOtherThanAnnounced_HasItsTrueLength([Values(0, 9, 11, 4096)] int announced)
    {
        using var encoder = new BufferedEncoder(1 << 20);

        encoder.Encode(Frames.Noise(10), EncoderMarshallers.Lying(announced), compress: false);

        Assert.That(encoder.Written.ToArray(), Is.EqualTo(Frames.Of(Frames.Noise(10))));
    }

    [Test]
    public void Encode_MarshallerThatDoesNotComplete_Fails()
    {
        using var encoder = new BufferedEncoder(100);
        var silent = new Marshaller<byte[]>((_, _) => { }, _ => throw new NotSupportedException());

        Assert.That(() => encoder.Encode([], silent, compress: false), Throws.InvalidOperationException);
    }

    [Test]
    public void Encode_EmptyMessageInACompressedCall_IsSentPlain()
    {
        using var encoder = new BufferedEncoder(100);

        encoder.Encode([], Frames.Bytes, compress: true);

        Assert.That(encoder.Written.ToArray(), Is.EqualTo(new byte[5]));
    }

    private static List<byte[]> MessagesIn(BufferedEncoder encoder, bool compressed)
    {
        using var decoder = new MessageDecoder("gzip", 1 << 20);
        var buffer = new ReadOnlySequence<byte>(encoder.Written);
        var messages = new List<byte[]>();
        while (Frame.TryTake(ref buffer, 1 << 20, out var frame))
        {
            messages.Add(decoder.Decode(frame, Frames.Bytes));
            Assert.That(decoder.LastCompressed, Is.EqualTo(compressed && messages[^1].Length > 0));
        }

        Assert.That(buffer.IsEmpty);
        return messages;
    }
}
