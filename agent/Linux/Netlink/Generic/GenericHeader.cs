using System.Runtime.InteropServices;

namespace Cloudbr.Agent.Linux.Netlink.Generic;

/// <summary>struct genlmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GenericHeader
{
    public byte Command;
    public byte Version;
    public ushort Reserved;
}
