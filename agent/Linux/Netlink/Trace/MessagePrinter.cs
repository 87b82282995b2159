using System.Globalization;
using System.Text;
using Cloudbr.Agent.Linux.Netlink.Families;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Trace;

/// <summary>
/// One message as text: a line with type, flags and sequence number, the header behind it as bytes, then the tree of attributes,
/// with names where they are known.
/// </summary>
internal static class MessagePrinter
{
    private const int MaxDepth = 8;

    public static void Print(StringBuilder text, string direction, MessageView message)
    {
        var header = message.Header;
        text.Append(direction).Append(' ').Append(AttributeNames.OfMessage(header.Type));
        text.Append(CultureInfo.InvariantCulture, $" flags 0x{header.Flags:x} seq {header.Sequence} port {header.Port} length {header.Length}");
        if (header.Type is ControlMessage.Error or ControlMessage.Done)
        {
            PrintVerdict(text, message);
            return;
        }

        var own = Math.Min(message.Payload.Length, FamilyHeaders.SizeOf(header.Type));
        text.Append(' ').AppendLine(Convert.ToHexStringLower(message.Payload[..own]));
        PrintAttributes(text, message.Payload[own..], AttributeNames.TableOf(header.Type), 1);
    }

    private static void PrintVerdict(StringBuilder text, MessageView message)
    {
        var verdict = KernelVerdict.Read(message.Header, message.Payload);
        text.AppendLine(verdict.AsRefusal("", "") is { } refusal ? refusal.ToString() : ": accepted");
    }

    private static void PrintAttributes(StringBuilder text, ReadOnlySpan<byte> attributes, string table, int depth)
    {
        foreach (var attribute in new AttributeReader(attributes))
        {
            var (name, nested) = AttributeNames.Of(table, attribute.Type);
            text.Append(' ', 2 * depth).Append(name);
            if ((nested is not null || attribute.IsMarkedNested) && depth < MaxDepth)
            {
                text.AppendLine();
                PrintAttributes(text, attribute.Payload, nested ?? "", depth + 1);
            }
            else
            {
                text.Append(' ').AppendLine(Value(attribute.Payload));
            }
        }
    }

    private static string Value(ReadOnlySpan<byte> payload) => IsText(payload)
        ? $"\"{Encoding.ASCII.GetString(payload[..^1])}\""
        : Convert.ToHexStringLower(payload);

    private static bool IsText(ReadOnlySpan<byte> payload) =>
        payload.Length > 2 && payload[^1] == 0 && !payload[..^1].ContainsAnyExceptInRange((byte)' ', (byte)'~');
}
