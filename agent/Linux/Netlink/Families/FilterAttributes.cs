using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>
/// TCA_U32_*, with one action: TCA_POLICE_* or TCA_MIRRED_*. Of all classifiers u32 is the one that every kernel with any has; its one key
/// matches everything.
/// </summary>
internal static class FilterAttributes
{
    /// <summary>What the largest of these takes in a message: an unused table of rates that the kernel insists on.</summary>
    public const int Room = RateTableBytes + 256;

    private const ushort Kind = 1;
    private const ushort Options = 2;
    private const string KindOfAll = "u32";

    private const ushort Selector = 5;
    private const ushort Actions = 7;

    private const ushort ActionKind = 1;
    private const ushort ActionOptions = 2;

    private const string PoliceKind = "police";
    private const ushort PoliceParameters = 1;
    private const ushort PoliceRateTable = 2;
    private const ushort PoliceLongRate = 8;
    private const int RateTableBytes = 1024;

    /// <summary>TC_ACT_SHOT.</summary>
    private const int Drop = 2;

    private const string RedirectKind = "mirred";
    private const ushort RedirectParameters = 2;

    /// <summary>TC_ACT_STOLEN.</summary>
    private const int Taken = 4;

    /// <summary>TCA_EGRESS_REDIR.</summary>
    private const int ThroughEgress = 1;

    /// <summary>ETH_P_ALL, in the order of the network, and the priority above it.</summary>
    private const uint AllProtocols = 0x0300;

    public static QdiscHeader HeaderOf(int link, uint handle) => new()
    {
        Index = link,
        Handle = handle,
        Parent = ShapingMarks.IngressHandle,
        Info = ((uint)ShapingMarks.FilterPriority << 16) | AllProtocols,
    };

    public static void WritePolice(ref MessageWriter writer, TokenBucket bucket)
    {
        var (options, actions, action) = BeginAction(ref writer, PoliceKind);
        var police = writer.BeginNested(ActionOptions);
        var rate = RateSpec.Of(bucket);

        // Not looked at for Ethernet; refused if it is not there.
        rate.CellLog = 1;
        writer.Put(PoliceParameters, new PoliceHeader { Action = Drop, Burst = bucket.BurstTicks, LargestPacket = uint.MaxValue, Rate = rate });
        writer.Bytes(PoliceRateTable, new byte[RateTableBytes]);
        QdiscAttributes.WriteLongRate(ref writer, PoliceLongRate, bucket);
        writer.EndNested(police);
        EndAction(ref writer, options, actions, action);
    }

    public static void WriteRedirect(ref MessageWriter writer, int to)
    {
        var (options, actions, action) = BeginAction(ref writer, RedirectKind);
        var redirect = writer.BeginNested(ActionOptions);
        writer.Put(RedirectParameters, new RedirectHeader { Action = Taken, Direction = ThroughEgress, Link = to });
        writer.EndNested(redirect);
        EndAction(ref writer, options, actions, action);
    }

    public static IngressFilter Read(ReadOnlySpan<byte> payload)
    {
        var header = FamilyHeaders.Read<QdiscHeader>(payload, out var attributes);
        var filter = new IngressFilter(header.Index, (int)(header.Info >> 16));
        foreach (var attribute in new AttributeReader(attributes))
        {
            if (attribute.Type == Options && filter.Priority == ShapingMarks.FilterPriority)
            {
                foreach (var option in attribute.Nested)
                {
                    filter = option.Type == Actions ? ReadActions(option.Nested, filter) : filter;
                }
            }
        }

        return filter;
    }

    /// <summary>The agent's own has one action; more than that is somebody else's doing, and tells of none.</summary>
    private static IngressFilter ReadActions(AttributeReader actions, IngressFilter filter)
    {
        var count = 0;
        var read = filter;
        foreach (var action in actions)
        {
            count++;
            var kind = "";
            foreach (var attribute in action.Nested)
            {
                switch (attribute.Type)
                {
                    case ActionKind:
                        kind = attribute.Text;
                        break;
                    case ActionOptions when kind == PoliceKind:
                        read = filter with { Police = ReadPolice(attribute.Nested) };
                        break;
                    case ActionOptions when kind == RedirectKind:
                        read = filter with { RedirectTo = ReadRedirect(attribute.Nested) };
                        break;
                }
            }
        }

        return count == 1 ? read : filter;
    }

    private static TokenBucket ReadPolice(AttributeReader options)
    {
        var header = default(PoliceHeader);
        ulong? longRate = null;
        foreach (var attribute in options)
        {
            switch (attribute.Type)
            {
                case PoliceParameters:
                    header = attribute.Read<PoliceHeader>();
                    break;
                case PoliceLongRate:
                    longRate = attribute.Read<ulong>();
                    break;
            }
        }

        return new TokenBucket((long)(longRate ?? header.Rate.Rate), header.Burst, 0);
    }

    /// <summary>Null for what is no redirection: a copy, or one into another device's ingress.</summary>
    private static int? ReadRedirect(AttributeReader options)
    {
        foreach (var attribute in options)
        {
            if (attribute.Type == RedirectParameters && attribute.Read<RedirectHeader>() is { Direction: ThroughEgress } header)
            {
                return header.Link;
            }
        }

        return null;
    }

    private static (int Options, int Actions, int Action) BeginAction(ref MessageWriter writer, string kind)
    {
        writer.Text(Kind, KindOfAll);
        var options = writer.BeginNested(Options);
        writer.Put(Selector, MatchAllHeader.Everything);
        var actions = writer.BeginNested(Actions);
        var action = writer.BeginNested(1);
        writer.Text(ActionKind, kind);
        return (options, actions, action);
    }

    private static void EndAction(ref MessageWriter writer, int options, int actions, int action)
    {
        writer.EndNested(action);
        writer.EndNested(actions);
        writer.EndNested(options);
    }
}
