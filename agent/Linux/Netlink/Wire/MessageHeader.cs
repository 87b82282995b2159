using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>struct nlmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public const int Size = 16;

    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint Port;

    public readonly bool Has(ushort flag) => (Flags & flag) == flag;
}

/// <summary>NLM_F_*.</summary>
internal static class MessageFlags
{
    public const ushort Request = 0x1;
    public const ushort Ack = 0x4;
    public const ushort DumpInterrupted = 0x10;

    /// <summary>Of a request that reads: everything.</summary>
    public const ushort Dump = 0x300;

    /// <summary>Of a request that writes.</summary>
    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Create = 0x400;
    public const ushort Append = 0x800;

    /// <summary>Of an answer: the request is not repeated in it.</summary>
    public const ushort Capped = 0x100;

    /// <summary>Of an answer: attributes with the kernel's words follow.</summary>
    public const ushort AckAttributes = 0x200;
}

/// <summary>NLMSG_*: the types below those of the protocols.</summary>
internal static class ControlMessage
{
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort LastReserved = 15;
}
