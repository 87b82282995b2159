using System.Buffers;
using Cloudbr.Agent.Rpc.Client;
using Cloudbr.Agent.Rpc.Tests.Support;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

internal sealed class ReceiveBufferTests
{
    [Property(MaxTest = 200)]
    public void TryTake_MessagesInPiecesOfAnySize_GivesTheSameMessages(ushort[] sizes, int seed)
    {
        var random = new Random(seed);
        var messages = sizes.Select(s => Frames.Noise(s * random.Next(3), s)).ToList();

        Assert.That(Through(messages, random), Is.EqualTo(messages));
    }

    [Test]
    public void TryTake_MessagesAroundTheSizesOfTheBuffer_GivesTheSameMessages(
        [Values(4096, 8192, 65536, 131072)] int size, [Values(1, 2, 3, 4, 5)] int seed)
    {
        var messages = Enumerable.Range(size - 8, 16).Select(s => Frames.Noise(s, s)).ToList();

        Assert.That(Through(messages, new Random(seed)), Is.EqualTo(messages));
    }

    [Test]
    public void TryTake_LengthBeyondTheLimit_IsRefusedBeforeAnythingIsBuffered()
    {
        using var buffer = new ReceiveBuffer(1000);
        Frames.Header(1001).CopyTo(buffer.Space());
        buffer.Filled(5);

        var refusal = Frames.Refusal(() => buffer.TryTake(out _));

        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(buffer.Space().Length, Is.LessThan(64 * 1024));
    }

    [Test]
    public void IsEmpty_WithHalfAMessage_IsFalse()
    {
        using var buffer = new ReceiveBuffer(1000);
        Frames.Header(10).CopyTo(buffer.Space());
        buffer.Filled(5);

        Assert.That(buffer.TryTake(out _), Is.False);
        Assert.That(buffer.IsEmpty, Is.False);
    }

    /// <summary>Reads as the response stream does: takes what is there, then asks for room and fills some of it.</summary>
    private static List<byte[]> Through(List<byte[]> messages, Random random)
    {
        ReadOnlyMemory<byte> bytes = messages.SelectMany(m => Frames.Of(m)).ToArray();
        using var buffer = new ReceiveBuffer(1 << 20);
        var taken = new List<byte[]>();
        while (true)
        {
            while (buffer.TryTake(out var frame))
            {
                taken.Add(frame.Payload.ToArray());
            }

            if (bytes.IsEmpty)
            {
                Assert.That(buffer.IsEmpty);
                return taken;
            }

            var space = buffer.Space();
            Assert.That(space.IsEmpty, Is.False, "a read into no room would look like the end of the stream");
            var count = Math.Min(Math.Min(space.Length, bytes.Length), random.Next(3) == 0 ? random.Next(1, 10) : random.Next(1, 100_000));
            bytes[..count].CopyTo(space);
            bytes = bytes[count..];
            buffer.Filled(count);
        }
    }
}
