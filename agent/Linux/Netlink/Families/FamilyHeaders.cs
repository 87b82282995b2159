using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkHeader
{
    public byte Family;
    public byte Padding;
    public ushort DeviceType;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressHeader
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public int Index;
}

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteHeader
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte Tos;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>struct ndmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourHeader
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}

/// <summary>struct tcmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct QdiscHeader
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public uint Handle;
    public uint Parent;
    public uint Info;
}

/// <summary>struct tcamsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ActionHeader
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
}

/// <summary>Takes the protocol's own header off a message.</summary>
internal static class FamilyHeaders
{
    public static T Read<T>(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> attributes)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (payload.Length < size)
        {
            throw NetlinkException.Malformed($"{payload.Length} bytes where a header of {size} should be");
        }

        attributes = payload[size..];
        return MemoryMarshal.Read<T>(payload);
    }

    /// <summary>0 for a message that is not known.</summary>
    public static int SizeOf(ushort messageType) => messageType switch
    {
        RtmType.NewLink or RtmType.DelLink or RtmType.GetLink or RtmType.NewLinkProperty or RtmType.DelLinkProperty =>
            Unsafe.SizeOf<LinkHeader>(),
        RtmType.NewAddress or RtmType.DelAddress or RtmType.GetAddress => Unsafe.SizeOf<AddressHeader>(),
        RtmType.NewRoute or RtmType.DelRoute or RtmType.GetRoute => Unsafe.SizeOf<RouteHeader>(),
        RtmType.NewNeighbour or RtmType.DelNeighbour or RtmType.GetNeighbour => Unsafe.SizeOf<NeighbourHeader>(),
        >= RtmType.NewQdisc and <= RtmType.GetFilter => Unsafe.SizeOf<QdiscHeader>(),
        _ => 0,
    };
}
