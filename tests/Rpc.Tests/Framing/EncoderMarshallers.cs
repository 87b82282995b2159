using System.Buffers;
using Grpc.Core;

namespace Cloudbr.Agent.Rpc.Tests.Framing;

/// <summary>The ways in which a marshaller may write its message.</summary>
public enum Writing
{
    /// <summary>Announces its length and writes in small pieces.</summary>
    Announced,

    /// <summary>Announces its length and asks for all the room at once.</summary>
    AnnouncedAtOnce,

    /// <summary>Writes without announcing.</summary>
    Unannounced,

    /// <summary>Hands over an array.</summary>
    Array,
}

internal static class EncoderMarshallers
{
    public static Marshaller<byte[]> For(Writing writing) => new(
        (message, context) =>
        {
            switch (writing)
            {
                case Writing.Announced:
                    context.SetPayloadLength(message.Length);
                    WritePieces(message, context.GetBufferWriter());
                    context.Complete();
                    break;
                case Writing.AnnouncedAtOnce:
                    context.SetPayloadLength(message.Length);
                    var writer = context.GetBufferWriter();
                    message.CopyTo(writer.GetSpan(message.Length));
                    writer.Advance(message.Length);
                    context.Complete();
                    break;
                case Writing.Unannounced:
                    WritePieces(message, context.GetBufferWriter());
                    context.Complete();
                    break;
                default:
                    context.Complete(message);
                    break;
            }
        },
        _ => throw new NotSupportedException());

    /// <summary>Announces <paramref name="announced"/> bytes whatever the message is.</summary>
    public static Marshaller<byte[]> Lying(int announced) => new(
        (message, context) =>
        {
            context.SetPayloadLength(announced);
            context.GetBufferWriter().Write(message);
            context.Complete();
        },
        _ => throw new NotSupportedException());

    private static void WritePieces(byte[] message, IBufferWriter<byte> writer)
    {
        for (var start = 0; start < message.Length;)
        {
            var span = writer.GetSpan();
            var count = Math.Min(Math.Min(span.Length, 1000), message.Length - start);
            message.AsSpan(start, count).CopyTo(span);
            writer.Advance(count);
            start += count;
        }
    }
}
