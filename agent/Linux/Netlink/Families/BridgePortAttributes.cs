using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_BRPORT_*: how a device behaves as a member of a bridge.</summary>
internal static class BridgePortAttributes
{
    private const ushort Learning = 8;
    private const ushort NeighbourSuppression = 32;
    private const ushort Isolated = 33;

    public static void Write(ref MessageWriter writer, BridgePortSettings port)
    {
        writer.Bool(Learning, port.Learning);
        writer.Bool(NeighbourSuppression, port.NeighbourSuppression);
        writer.Bool(Isolated, port.Isolated);
    }

    public static BridgePortSettings Read(AttributeReader attributes)
    {
        var (learning, suppression, isolated) = (false, false, false);
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Learning:
                    learning = attribute.Byte != 0;
                    break;
                case NeighbourSuppression:
                    suppression = attribute.Byte != 0;
                    break;
                case Isolated:
                    isolated = attribute.Byte != 0;
                    break;
            }
        }

        return new BridgePortSettings(learning, suppression) { Isolated = isolated };
    }
}
