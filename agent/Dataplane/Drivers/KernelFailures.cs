using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Linux.Netlink;

namespace Cloudbr.Agent.Dataplane.Drivers;

/// <summary>What the kernel refused, in words that an operator can act on.</summary>
internal static class KernelFailures
{
    public static Failure Of(KernelRefusal refusal, ObjectRef subject) => Explain(refusal) switch
    {
        var (reason, why, remedy) => new Failure
        {
            Kind = refusal.IsNoBuffers ? FailureKind.ResourceExhausted : FailureKind.FailedPrecondition,
            Operation = refusal.Operation,
            Subject = subject,
            Reason = reason,
            Message = $"the kernel refused {refusal.Operation} of {subject}: {why}",
            Evidence = refusal.ToString(),
            Remedy = remedy,
            Retryable = refusal.IsRetryable,
        },
    };

    /// <summary>Switching on a multicast VXLAN joins its group, and the kernel bounds how many one socket may join.</summary>
    public static Failure OfJoining(KernelRefusal refusal, ObjectRef subject) => Of(refusal, subject) with
    {
        Reason = "MULTICAST_GROUPS_EXHAUSTED",
        Message = $"{subject} cannot join its multicast group: the kernel's limit of groups is reached",
        Remedy = "raise settings.igmp_max_memberships (net.ipv4.igmp_max_memberships starts at 20; each multicast VXLAN joins one group), "
            + "and past about 2,700 groups net.core.optmem_max too; or use static or evpn mode",
    };

    public static Failure OfSettings(Exception e) => new()
    {
        Operation = "sysctl",
        Subject = new ObjectRef(ObjectKind.Host),
        Reason = "SETTING_UNREADABLE",
        Message = "a kernel setting cannot be read",
        Evidence = e.Message,
        Remedy = "see that /proc/sys is mounted and readable for the service",
    };

    private static (string Reason, string Why, string Remedy) Explain(KernelRefusal refusal) => refusal switch
    {
        { IsRefused: true } => ("NOT_PERMITTED", "the agent may not do that", "give the service CAP_NET_ADMIN"),
        { IsNotSupported: true } => ("NOT_SUPPORTED", "it has no such thing", "load the module, or use a kernel that has it"),
        { IsNoBuffers: true } => ("KERNEL_LIMIT", "one of its limits is reached", "see the evidence"),
        { IsBusy: true } => ("BUSY", "somebody else holds it", "see who else manages this device"),
        { IsAlreadyThere: true } => ("ALREADY_THERE", "something of that name or number is there already", "see what it is, and remove or rename it"),
        { IsNotFound: true } => ("GONE", "it, or what it stands on, is gone", "Apply again"),
        _ => ("KERNEL_REFUSED", refusal.Evidence.Length == 0 ? "without a reason" : refusal.Evidence, "see the evidence"),
    };
}
