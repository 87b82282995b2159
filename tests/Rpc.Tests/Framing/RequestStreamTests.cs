using System.IO.Pipelines;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Server;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

/// <summary>The server's reader over a pipe that is fed in pieces.</summary>
internal sealed class RequestStreamTests
{
    private const int Limit = 1 << 20;

    [Property(MaxTest = 100)]
    public async Task MoveNext_MessagesInPieces_GivesTheSameMessagesAndEnds(byte[][] messages, int seed)
    {
        var (read, end) = await ReadAllAsync([.. messages.SelectMany(m => Frames.Of(m))], seed);

        Assert.That(end, Is.Null);
        Assert.That(read, Is.EqualTo(messages));
    }

    [Property(MaxTest = 100)]
    public async Task MoveNext_TruncatedStream_GivesTheWholeMessagesThenRefuses(byte[][] messages, byte[] last, int cut, int seed)
    {
        var whole = Frames.Of(last);
        var kept = 1 + (int)((uint)cut % (whole.Length - 1));
        var (read, end) = await ReadAllAsync([.. messages.SelectMany(m => Frames.Of(m)), .. whole[..kept]], seed);

        Assert.That(read, Is.EqualTo(messages));
        Assert.That(end?.StatusCode, Is.EqualTo(StatusCode.Internal));
    }

    [Property(MaxTest = 200)]
    public async Task MoveNext_Garbage_EndsOrIsRefused(byte[] garbage, int seed)
    {
        var (_, end) = await ReadAllAsync(garbage, seed);

        Assert.That(end?.StatusCode, Is.AnyOf(null, StatusCode.Internal, StatusCode.ResourceExhausted));
    }

    [Property(MaxTest = 100)]
    public async Task ReadSingle_OneMessageInPieces_GivesIt(byte[] message, int seed) =>
        Assert.That(await ReadSingleAsync(Frames.Of(message), seed), Is.EqualTo(message));

    [Property(MaxTest = 100)]
    public void ReadSingle_AnythingButOneMessage_IsRefused(byte[] message, byte[] more, int cut, int seed)
    {
        var whole = Frames.Of(message);
        var truncated = whole[..(int)((uint)cut % whole.Length)];

        Assert.That(() => ReadSingleAsync(truncated, seed), Refused);
        Assert.That(() => ReadSingleAsync([.. whole, .. Frames.Of(more)], seed), Refused);
        Assert.That(() => ReadSingleAsync([.. whole, 0], seed), Refused);
    }

    [Test]
    public async Task Body_ThatBreaksOff_IsACancellation([Values] bool single)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Frames.Header(10));
        await pipe.Writer.CompleteAsync(new IOException("reset"));
        using var decoder = new MessageDecoder(null, Limit);

        Assert.That(
            () => single
                ? RequestStream<byte[]>.ReadSingleAsync(pipe.Reader, decoder, Frames.Bytes).AsTask()
                : new RequestStream<byte[]>(pipe.Reader, decoder, Frames.Bytes).MoveNext(CancellationToken.None) as Task,
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Refused =>
        Throws.TypeOf<FrameException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.Internal);

    private static async Task<(List<byte[]> Messages, FrameException? End)> ReadAllAsync(byte[] bytes, int seed)
    {
        var pipe = new Pipe();
        var feeding = FeedAsync(pipe.Writer, bytes, seed);
        using var decoder = new MessageDecoder(null, Limit);
        var stream = new RequestStream<byte[]>(pipe.Reader, decoder, Frames.Bytes);
        var messages = new List<byte[]>();
        try
        {
            while (await stream.MoveNext(CancellationToken.None))
            {
                messages.Add(stream.Current);
            }

            await feeding;
            return (messages, null);
        }
        catch (FrameException e)
        {
            return (messages, e);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
        }
    }

    private static async Task<byte[]> ReadSingleAsync(byte[] bytes, int seed)
    {
        var pipe = new Pipe();
        _ = FeedAsync(pipe.Writer, bytes, seed);
        using var decoder = new MessageDecoder(null, Limit);
        try
        {
            return await RequestStream<byte[]>.ReadSingleAsync(pipe.Reader, decoder, Frames.Bytes);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
        }
    }

    private static async Task FeedAsync(PipeWriter writer, byte[] bytes, int seed)
    {
        await Task.Yield();
        var start = 0;
        foreach (var length in Segments.Lengths(bytes.Length, new Random(seed)))
        {
            await writer.WriteAsync(bytes.AsMemory(start, length));
            start += length;
        }

        await writer.CompleteAsync();
    }
}
