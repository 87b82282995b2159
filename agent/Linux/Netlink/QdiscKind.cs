namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>The kernel's words for the queueing disciplines that matter here.</summary>
public static class QdiscKind
{
    public const string TokenBucket = "tbf";
    public const string Ingress = "ingress";
}
