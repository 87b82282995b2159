using Cloudbr.Agent.Rpc.Client;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Tests.Support;

namespace Cloudbr.Agent.Rpc.Tests.Client;

/// <summary>Request bodies whose call ends while the transport still sends them.</summary>
internal sealed class RequestContentTests
{
    private static readonly byte[] Message = Frames.Noise(10_000);

    [Test]
    public async Task Single_WhoseCallEndsWhileItIsSent_KeepsItsBufferUntilItIsSent()
    {
        using var encoder = Encoded();
        using var content = new SingleContent(encoder);
        using var wire = new HeldStream();
        var sending = content.CopyToAsync(wire);
        var onTheWay = await wire.Written.Guarded();

        content.CallEnded();

        Assert.That(encoder.Written.Length, Is.EqualTo(5 + Message.Length), "the transport still reads it");
        Assert.That(onTheWay.ToArray(), Is.EqualTo(Frames.Of(Message)));
        wire.LetGo();
        await sending.Guarded();
        Assert.That(encoder.Written.Length, Is.Zero, "nobody reads it any more");
    }

    [Test]
    public async Task Single_SentAgainAfterALostConnection_IsSentWhole()
    {
        using var encoder = Encoded();
        using var content = new SingleContent(encoder);
        using var first = new MemoryStream();
        using var second = new MemoryStream();

        await content.CopyToAsync(first).Guarded();
        await content.CopyToAsync(second).Guarded();

        Assert.That(second.ToArray(), Is.EqualTo(Frames.Of(Message)));
        Assert.That(first.ToArray(), Is.EqualTo(second.ToArray()));
    }

    [Test]
    public void Single_WhoseCallHasEnded_IsNotSent()
    {
        using var encoder = Encoded();
        using var content = new SingleContent(encoder);
        using var wire = new MemoryStream();

        content.CallEnded();

        Assert.That(encoder.Written.Length, Is.Zero);
        Assert.That(() => content.CopyToAsync(wire), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(wire.Length, Is.Zero);
    }

    [Test]
    public async Task Stream_UntilItIsComplete_StaysOpen([Values] bool byTheCallsEnd)
    {
        using var content = new StreamingContent();
        using var wire = new MemoryStream();
        var sending = content.CopyToAsync(wire);

        Assert.That(await content.Stream.Guarded(), Is.Not.Null);
        Assert.That(sending.IsCompleted, Is.False);
        if (byTheCallsEnd)
        {
            content.CallEnded();
        }
        else
        {
            content.Complete();
        }

        await sending.Guarded();
    }

    [Test]
    public void Stream_WhoseCallEndedBeforeItWasSent_IsNeverThere()
    {
        using var content = new StreamingContent();

        content.CallEnded();

        Assert.That(() => content.Stream, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Stream_SentASecondTime_IsRefused()
    {
        using var content = new StreamingContent();
        using var wire = new MemoryStream();
        var sending = content.CopyToAsync(wire);
        await content.Stream.Guarded();

        Assert.That(() => content.CopyToAsync(wire).Guarded(), Throws.InstanceOf<IOException>().Or.InstanceOf<HttpRequestException>());

        content.Complete();
        await sending.Guarded();
    }

    private static BufferedEncoder Encoded()
    {
        var encoder = new BufferedEncoder(1 << 20);
        encoder.Encode(Message, Frames.Bytes, compress: false);
        return encoder;
    }

    /// <summary>A connection on which a write waits until the test lets go.</summary>
    private sealed class HeldStream : MemoryStream
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ReadOnlyMemory<byte>> Written => _written.Task;

        public void LetGo() => _letGo.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _written.SetResult(buffer);
            await _letGo.Task;
        }
    }
}
