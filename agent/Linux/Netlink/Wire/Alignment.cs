namespace Cloudbr.Agent.Linux.Netlink.Wire;

/// <summary>Messages and attributes start at multiples of four.</summary>
internal static class Alignment
{
    public static int Up(int length) => (length + 3) & ~3;
}
