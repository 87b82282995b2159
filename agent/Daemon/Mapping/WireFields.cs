using System.Buffers;
using Google.Protobuf;

namespace Cloudbr.Agent.Daemon.Mapping;

/// <summary>Fields of a protobuf message written by hand, where parts of it are bytes already.</summary>
internal static class WireFields
{
    public static void WriteField(this IMessage message, uint tag, IBufferWriter<byte> output)
    {
        var size = message.CalculateSize();
        WriteStart(tag, size, output);
        message.WriteTo(output.GetSpan(size)[..size]);
        output.Advance(size);
    }

    /// <summary>What comes before a message of this size.</summary>
    public static void WriteStart(uint tag, int size, IBufferWriter<byte> output)
    {
        WriteNumber(tag, output);
        WriteNumber((uint)size, output);
    }

    private static void WriteNumber(uint number, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(5);
        var length = 0;
        while (number >= 0x80)
        {
            span[length++] = (byte)(number | 0x80);
            number >>= 7;
        }

        span[length++] = (byte)number;
        output.Advance(length);
    }
}
