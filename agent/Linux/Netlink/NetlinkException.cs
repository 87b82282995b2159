using System.Diagnostics.CodeAnalysis;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>A conversation with the kernel that failed: it refused, or what it sent cannot be read.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "An error here says operation, object, reason and evidence.")]
public sealed class NetlinkException(KernelRefusal refusal) : Exception(refusal.ToString())
{
    public KernelRefusal Refusal { get; } = refusal;

    public string Operation => Refusal.Operation;

    public string Object => Refusal.Object;

    public int Errno => Refusal.Errno;

    /// <summary>The kernel's own text; empty if it gave none.</summary>
    public string Evidence => Refusal.Evidence;

    /// <inheritdoc cref="KernelRefusal.Offset"/>
    public int? Offset => Refusal.Offset;

    /// <inheritdoc cref="KernelRefusal.IsNotFound"/>
    public bool IsNotFound => Refusal.IsNotFound;

    public bool IsAlreadyThere => Refusal.IsAlreadyThere;

    public bool IsBusy => Refusal.IsBusy;

    /// <inheritdoc cref="KernelRefusal.IsNoBuffers"/>
    public bool IsNoBuffers => Refusal.IsNoBuffers;

    /// <inheritdoc cref="KernelRefusal.IsNotSupported"/>
    public bool IsNotSupported => Refusal.IsNotSupported;

    /// <inheritdoc cref="KernelRefusal.IsRefused"/>
    public bool IsRefused => Refusal.IsRefused;

    /// <inheritdoc cref="KernelRefusal.IsRetryable"/>
    public bool IsRetryable => Refusal.IsRetryable;

    /// <summary>Bytes that are no netlink message, or not the one they say they are.</summary>
    internal static NetlinkException Malformed(string what) => new(new KernelRefusal("read", "message", Netlink.Errno.BadMessage, what));
}
