using System.IO.Pipelines;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

internal sealed class PipeEncoderTests
{
    private const int Limit = 1 << 20;

    public static IEnumerable<int> Lengths =>
        [0, 1, .. Enumerable.Range(4086, 16), .. Enumerable.Range(8182, 12), 100_000];

    [Test]
    public async Task Encode_MessagesOfAnyLengthInARow_ComeOutAsWritten([Values] Writing writing, [Values] bool compress)
    {
        var (encoder, pipe) = New();
        var messages = Lengths.Select(l => Frames.Noise(l, l)).ToList();
        foreach (var message in messages)
        {
            encoder.Encode(message, EncoderMarshallers.For(writing), compress);
        }

        Assert.That(await MessagesIn(pipe), Is.EqualTo(messages));
    }

    [Property(MaxTest = 100)]
    public void Encode_MixedMessages_ComeOutAsWritten(byte[][] messages, int seed)
    {
        var random = new Random(seed);
        var (encoder, pipe) = New();
        foreach (var message in messages)
        {
            encoder.Encode(message, EncoderMarshallers.For((Writing)random.Next(4)), random.Next(2) == 0);
        }

        Assert.That(MessagesIn(pipe).Result, Is.EqualTo(messages));
    }

    [Test]
    public void Unflushed_AfterMessages_CountsEveryByteInThePipe([Values] Writing writing)
    {
        var (encoder, _) = New();
        encoder.Encode(Frames.Noise(10), EncoderMarshallers.For(writing), compress: false);
        encoder.Encode(Frames.Noise(5000), EncoderMarshallers.For(writing), compress: false);

        Assert.That(encoder.Unflushed, Is.EqualTo(5 + 10 + 5 + 5000));
    }

    [Test]
    public async Task Encode_MessageBeyondTheLimit_IsRefusedAndLeavesNothingBehind([Values] Writing writing, [Values] bool compress)
    {
        var (encoder, pipe) = New(limit: 100);

        var refusal = Frames.Refusal(() => encoder.Encode(new byte[101], EncoderMarshallers.For(writing), compress));
        encoder.Encode(Frames.Noise(100), EncoderMarshallers.For(writing), compress);

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(await MessagesIn(pipe), Is.EqualTo(new[] { Frames.Noise(100) }));
    }

    [Test]
    public void Encode_MessageOtherThanAnnounced_Fails([Values(0, 9, 11, 4096, 9000)] int announced)
    {
        var (encoder, _) = New();

        Assert.That(
            () => encoder.Encode(new byte[10], EncoderMarshallers.Lying(announced), compress: false),
            Throws.InvalidOperationException);
    }

    [Test]
    public async Task Encode_AfterAShortMessageThatFailed_GoesOn()
    {
        var (encoder, pipe) = New();
        Assert.That(
            () => encoder.Encode(new byte[10], EncoderMarshallers.Lying(11), compress: false), Throws.InvalidOperationException);

        encoder.Encode([1, 2, 3], EncoderMarshallers.For(Writing.Announced), compress: false);

        Assert.That(encoder.Unflushed, Is.EqualTo(5 + 3));
        Assert.That(await MessagesIn(pipe), Is.EqualTo(new[] { new byte[] { 1, 2, 3 } }));
    }

    [Test]
    public void Encode_AfterHalfALongMessageWentIntoThePipe_RefusesToWriteBehindIt([Values] bool compress)
    {
        var (encoder, _) = New();
        Assert.That(
            () => encoder.Encode(new byte[9000], EncoderMarshallers.Lying(9001), compress: false), Throws.InvalidOperationException);

        Assert.That(encoder.HasWritten, "half a message is in the pipe");
        Assert.That(
            () => encoder.Encode([1, 2, 3], EncoderMarshallers.For(Writing.Announced), compress), Throws.InvalidOperationException);
    }

    [Test]
    public void Encode_MarshallerThatDoesNotComplete_Fails([Values] bool compress)
    {
        var (encoder, _) = New();
        var silent = new Marshaller<byte[]>((_, _) => { }, _ => throw new NotSupportedException());

        Assert.That(() => encoder.Encode([], silent, compress), Throws.InvalidOperationException);
        Assert.That(encoder.HasWritten, Is.False);
    }

    private static (PipeEncoder Encoder, Pipe Pipe) New(int limit = Limit)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        return (new PipeEncoder(pipe.Writer, limit), pipe);
    }

    private static async Task<List<byte[]>> MessagesIn(Pipe pipe)
    {
        await pipe.Writer.CompleteAsync();
        using var decoder = new MessageDecoder("gzip", Limit);
        var buffer = (await pipe.Reader.ReadAsync()).Buffer;
        var messages = new List<byte[]>();
        while (Frame.TryTake(ref buffer, Limit, out var frame))
        {
            messages.Add(decoder.Decode(frame, Frames.Bytes));
        }

        Assert.That(buffer.IsEmpty);
        return messages;
    }
}
