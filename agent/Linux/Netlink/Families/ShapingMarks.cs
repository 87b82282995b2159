namespace Cloudbr.Agent.Linux.Netlink.Families;

/// <summary>By what the agent knows its own queueing discipline and filter: numbers that no tool gives by itself.</summary>
public static class ShapingMarks
{
    /// <summary>TC_H_ROOT: where the queueing discipline of what leaves stands.</summary>
    public const uint Root = 0xffffffff;

    /// <summary>TC_H_INGRESS: the same of what comes in.</summary>
    public const uint Ingress = 0xfffffff1;

    /// <summary>cb01:</summary>
    public const uint EgressHandle = 0xcb010000;

    /// <summary>ffff:, which is the only one that the kernel gives.</summary>
    public const uint IngressHandle = 0xffff0000;

    public const ushort FilterPriority = 0xcb01;

    /// <summary>800::800, the first entry of the first table.</summary>
    internal const uint FilterHandle = 0x80000800;
}
