using System.Buffers;
using Cloudbr.Agent.Rpc.Framing;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

internal sealed class FrameTests
{
    [Property(MaxTest = 300)]
    public void TryTake_MessagesSplitAnywhere_GivesTheSameMessages(byte[][] messages, int seed)
    {
        var random = new Random(seed);
        var input = Segments.Of([.. messages.SelectMany(m => Frames.Of(m))], random);

        var taken = new List<byte[]>();
        while (Frame.TryTake(ref input, 1 << 20, out var frame))
        {
            taken.Add(frame.Payload.ToArray());
        }

        Assert.That(taken, Is.EqualTo(messages));
        Assert.That(input.IsEmpty);
    }

    [Property(MaxTest = 200)]
    public void TryTake_TruncatedMessage_GivesNothingAndTakesNothing(byte[] message, int cut, int seed)
    {
        var whole = Frames.Of(message);
        var truncated = whole[..(int)((uint)cut % whole.Length)];
        var input = Segments.Of(truncated, new Random(seed));

        Assert.That(Frame.TryTake(ref input, 1 << 20, out _), Is.False);
        Assert.That(input.Length, Is.EqualTo(truncated.Length));
    }

    [Property(MaxTest = 300)]
    public void TryTake_Garbage_EndsInNothingOrARefusal(byte[] garbage, int seed)
    {
        var input = Segments.Of(garbage, new Random(seed));
        var before = input.Length + 1;
        try
        {
            while (Frame.TryTake(ref input, 1 << 20, out _))
            {
                Assert.That(input.Length, Is.LessThan(before));
                before = input.Length;
            }
        }
        catch (FrameException e)
        {
            Assert.That(e.StatusCode, Is.AnyOf(StatusCode.Internal, StatusCode.ResourceExhausted));
        }
    }

    [Test]
    public void TryTake_FlagByteOtherThan0And1_IsRefusedAsInternal([Values(2, 3, 128, 255)] int flag)
    {
        var input = new ReadOnlySequence<byte>(Frames.Header(0, (byte)flag));

        var refusal = Frames.Refusal(() => Frame.TryTake(ref input, 100, out _));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(refusal.Status.Detail, Does.Contain($"0x{flag:x2}"));
    }

    [Test]
    public void TryTake_LengthBeyondTheLimit_IsRefusedBeforeThePayloadArrives([Values(101, 1 << 20, int.MaxValue, uint.MaxValue)] long length)
    {
        var input = new ReadOnlySequence<byte>(Frames.Header(length));

        var refusal = Frames.Refusal(() => Frame.TryTake(ref input, 100, out _));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(refusal.Status.Detail, Does.Contain($"{length} bytes").And.Contain("100 bytes"));
    }

    [Test]
    public void TryTake_LengthAtTheLimit_IsAccepted()
    {
        var input = new ReadOnlySequence<byte>(Frames.Of(Frames.Noise(100)));

        Assert.That(Frame.TryTake(ref input, 100, out var frame));
        Assert.That(frame.Payload.Length, Is.EqualTo(100));
    }
}
