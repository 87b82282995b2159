using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>TCA_*: a queueing discipline; TCA_TBF_*: a token bucket with a queue.</summary>
internal static class QdiscAttributes
{
    private const ushort Kind = 1;
    private const ushort Options = 2;
    private const ushort Parameters = 1;
    private const ushort LongRate = 4;

    public static Qdisc Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<QdiscHeader>(payload, out var attributes);
        var kind = "";
        TokenBucket? bucket = null;
        foreach (var attribute in new AttributeReader(attributes))
        {
            switch (attribute.Type)
            {
                case Kind:
                    kind = attribute.Text;
                    break;
                case Options when kind == QdiscKind.TokenBucket:
                    bucket = ReadBucket(attribute.Nested);
                    break;
            }
        }

        return new Qdisc(header.Index, kind, header.Handle, header.Parent) { Bucket = bucket };
    }

    public static void WriteBucket(ref MessageWriter writer, TokenBucket bucket)
    {
        writer.Text(Kind, QdiscKind.TokenBucket);
        var options = writer.BeginNested(Options);
        writer.Put(Parameters, new TokenBucketHeader { Rate = RateSpec.Of(bucket), Limit = bucket.QueueBytes, Buffer = bucket.BurstTicks });
        WriteLongRate(ref writer, LongRate, bucket);
        writer.EndNested(options);
    }

    public static void WriteIngress(ref MessageWriter writer) => writer.Text(Kind, QdiscKind.Ingress);

    /// <summary>What does not fit into 32 bits.</summary>
    public static void WriteLongRate(ref MessageWriter writer, ushort type, TokenBucket bucket)
    {
        if (bucket.BytesPerSecond > uint.MaxValue)
        {
            writer.Put(type, (ulong)bucket.BytesPerSecond);
        }
    }

    private static TokenBucket? ReadBucket(AttributeReader options)
    {
        var header = default(TokenBucketHeader);
        ulong? longRate = null;
        foreach (var attribute in options)
        {
            switch (attribute.Type)
            {
                case Parameters:
                    header = attribute.Read<TokenBucketHeader>();
                    break;
                case LongRate:
                    longRate = attribute.Read<ulong>();
                    break;
            }
        }

        return new TokenBucket((long)(longRate ?? header.Rate.Rate), header.Buffer, header.Limit);
    }
}
