using System.Buffers;

namespace Cloudbr.Agent.Rpc.Tests.Support;

/// <summary>The same bytes in pieces, as a pipe would hand them over.</summary>
internal static class Segments
{
    /// <summary>Lengths that add up to <paramref name="total"/>, short ones more often than long ones, some of them zero.</summary>
    public static IEnumerable<int> Lengths(int total, Random random)
    {
        while (total > 0)
        {
            var length = Math.Min(total, random.Next(4) switch
            {
                0 => random.Next(3),
                1 => random.Next(16),
                2 => random.Next(5000),
                _ => random.Next(total + 1),
            });
            total -= length;
            yield return length;
        }
    }

    public static ReadOnlySequence<byte> Of(byte[] bytes, Random random)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty, null);
        var last = first;
        var start = 0;
        foreach (var length in Lengths(bytes.Length, random))
        {
            last = new Segment(bytes.AsMemory(start, length), last);
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
