using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>TCA_*: a queueing discipline.</summary>
internal static class QdiscAttributes
{
    private const ushort Kind = 1;

    public static Qdisc Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<QdiscHeader>(payload, out var attributes);
        var kind = "";
        foreach (var attribute in new AttributeReader(attributes))
        {
            if (attribute.Type == Kind)
            {
                kind = attribute.Text;
            }
        }

        return new Qdisc(header.Index, kind, header.Handle, header.Parent);
    }
}
