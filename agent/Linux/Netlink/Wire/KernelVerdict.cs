using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>What NLMSG_ERROR and NLMSG_DONE say: an error number, 0 for success, and the extended acknowledgement.</summary>
internal readonly record struct KernelVerdict(int Errno, string Evidence, int? Offset)
{
    private const ushort Message = 1;
    private const ushort AttributeOffset = 2;
    private const ushort MissingType = 5;

    public static KernelVerdict Success { get; } = new(0, "", null);

    public KernelRefusal? AsRefusal(string operation, string subject) =>
        Errno == 0 ? null : new KernelRefusal(operation, subject, Errno, Evidence, Offset);

    public static KernelVerdict Read(in MessageHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < sizeof(int))
        {
            // A DONE without a number ends a dump that went well; some families send it so.
            return header.Type == ControlMessage.Done
                ? Success
                : throw NetlinkException.Malformed($"an error message of {payload.Length} bytes");
        }

        var error = MemoryMarshal.Read<int>(payload);
        if (error >= 0)
        {
            return Success;
        }

        var evidence = "";
        int? offset = null;
        if (header.Has(MessageFlags.AckAttributes))
        {
            foreach (var attribute in new AttributeReader(AttributesOf(header, payload)))
            {
                switch (attribute.Type)
                {
                    case Message:
                        evidence = attribute.Text;
                        break;
                    case AttributeOffset:
                        offset = attribute.Int32;
                        break;
                    case MissingType when evidence.Length == 0:
                        evidence = $"attribute {attribute.UInt32} is missing";
                        break;
                }
            }
        }

        return new KernelVerdict(-error, evidence, offset);
    }

    /// <summary>They come after the request's header, and after the rest of the request unless that was left out.</summary>
    private static ReadOnlySpan<byte> AttributesOf(in MessageHeader header, ReadOnlySpan<byte> payload)
    {
        var rest = payload[sizeof(int)..];
        if (header.Type == ControlMessage.Done)
        {
            return rest;
        }

        if (rest.Length < MessageHeader.Size)
        {
            throw NetlinkException.Malformed($"an error message of {payload.Length} bytes");
        }

        var repeated = header.Has(MessageFlags.Capped) ? MessageHeader.Size : MemoryMarshal.Read<MessageHeader>(rest).Length;
        return repeated <= (uint)rest.Length
            ? rest[Math.Min(Alignment.Up((int)repeated), rest.Length)..]
            : throw NetlinkException.Malformed($"an error message that repeats {repeated} bytes in {rest.Length}");
    }
}
