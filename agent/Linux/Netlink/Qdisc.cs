namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// A queueing discipline of a device: which one, not how it is set. Handles are the kernel's numbers, the major one in the upper half;
/// a <paramref name="Parent"/> of 0xffffffff is the root.
/// </summary>
public sealed record Qdisc(int Link, string Kind, uint Handle, uint Parent);
