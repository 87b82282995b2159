using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Linux.Netlink.Wire;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>IFLA_BR_*: how a bridge behaves.</summary>
internal static class BridgeAttributes
{
    private const ushort ForwardDelay = 1;
    private const ushort AgeingTime = 4;
    private const ushort StpState = 5;
    private const ushort VlanFiltering = 7;
    private const ushort GroupFwdMask = 9;
    private const ushort MulticastSnooping = 23;
    private const ushort MulticastQuerier = 25;
    private const ushort CallIptables = 36;
    private const ushort CallIp6tables = 37;

    /// <summary>The kernel counts in USER_HZ, hundredths of a second.</summary>
    private const int MillisecondsPerTick = 10;

    public static void Write(ref MessageWriter writer, BridgeSettings bridge)
    {
        writer.UInt32(ForwardDelay, (uint)(bridge.ForwardDelayMs / MillisecondsPerTick));
        writer.UInt32(AgeingTime, (uint)(bridge.AgeingMs / MillisecondsPerTick));
        WriteStp(ref writer, bridge);
        writer.UInt16(GroupFwdMask, (ushort)bridge.GroupFwdMask);
        writer.Bool(MulticastSnooping, bridge.MulticastSnooping);
        writer.Bool(MulticastQuerier, bridge.MulticastQuerier);
        writer.Bool(CallIptables, bridge.MeetsFilter);
        writer.Bool(CallIp6tables, bridge.MeetsFilter);
        if (bridge.VlanFiltering)
        {
            // Only on the way back to a bridge that had it.
            writer.Bool(VlanFiltering, true);
        }
    }

    /// <summary>While STP runs, the kernel refuses a forward delay outside of 2 to 30 s.</summary>
    public static bool IsAllowedWithStp(BridgeSettings bridge) => bridge.ForwardDelayMs is >= 2000 and <= 30_000;

    /// <summary>For a message of its own before the others: the kernel looks at the delay before it looks at STP.</summary>
    public static void WriteStp(ref MessageWriter writer, BridgeSettings bridge) => writer.UInt32(StpState, bridge.Stp ? 1u : 0);

    public static BridgeSettings Read(AttributeReader attributes)
    {
        var bridge = new BridgeSettings(false, 0, false, false, 0, 0);
        var (meetsIptables, meetsIp6tables) = (false, false);
        foreach (var attribute in attributes)
        {
            meetsIptables |= attribute.Type == CallIptables && attribute.Byte != 0;
            meetsIp6tables |= attribute.Type == CallIp6tables && attribute.Byte != 0;
            bridge = attribute.Type switch
            {
                ForwardDelay => bridge with { ForwardDelayMs = Milliseconds(attribute.UInt32) },
                AgeingTime => bridge with { AgeingMs = Milliseconds(attribute.UInt32) },
                VlanFiltering => bridge with { VlanFiltering = attribute.Byte != 0 },
                StpState => bridge with { Stp = attribute.UInt32 != 0 },
                GroupFwdMask => bridge with { GroupFwdMask = attribute.UInt16 },
                MulticastSnooping => bridge with { MulticastSnooping = attribute.Byte != 0 },
                MulticastQuerier => bridge with { MulticastQuerier = attribute.Byte != 0 },
                _ => bridge,
            };
        }

        return meetsIptables && meetsIp6tables ? bridge with { MeetsFilter = true } : bridge;
    }

    private static int Milliseconds(uint ticks) => (int)Math.Min(int.MaxValue, (long)ticks * MillisecondsPerTick);
}
