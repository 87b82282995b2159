using System.Runtime.InteropServices;
using Cloudbr.Agent.Core.Model.Links;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>struct tc_ratespec: bytes per second, 32 bits of them; more stand in an attribute of their own.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RateSpec
{
    /// <summary>TC_LINKLAYER_ETHERNET: frames count as long as they are.</summary>
    private const byte Ethernet = 1;

    public byte CellLog;
    public byte LinkLayer;
    public ushort Overhead;
    public short CellAlign;
    public ushort LeastPacket;
    public uint Rate;

    public static RateSpec Of(TokenBucket bucket) => new() { LinkLayer = Ethernet, Rate = (uint)Math.Min(bucket.BytesPerSecond, uint.MaxValue) };
}

/// <summary>struct tc_tbf_qopt.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TokenBucketHeader
{
    public RateSpec Rate;
    public RateSpec PeakRate;
    public uint Limit;
    public uint Buffer;
    public uint LargestPacket;
}

/// <summary>struct tc_police.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PoliceHeader
{
    public uint Index;
    public int Action;
    public uint Limit;
    public uint Burst;
    public uint LargestPacket;
    public RateSpec Rate;
    public RateSpec PeakRate;
    public int References;
    public int Bindings;
    public uint Capabilities;
}

/// <summary>struct tc_mirred.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RedirectHeader
{
    public uint Index;
    public uint Capabilities;
    public int Action;
    public int References;
    public int Bindings;
    public int Direction;
    public int Link;
}

/// <summary>struct tc_u32_sel with one key, which matches everything.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MatchAllHeader
{
    /// <summary>TC_U32_TERMINAL.</summary>
    private const byte Terminal = 1;

    public byte Flags;
    public byte OffsetShift;
    public byte Keys;
    public ushort OffsetMask;
    public ushort Offset;
    public short OffsetOffset;
    public short HashOffset;
    public uint HashMask;
    public uint KeyMask;
    public uint KeyValue;
    public int KeyOffset;
    public int KeyOffsetMask;

    public static MatchAllHeader Everything => new() { Flags = Terminal, Keys = 1 };
}
