using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Cloudbr.Agent.Linux.Netlink;

/// <summary>
/// What the kernel said to a request that it did not accept. <paramref name="Evidence"/> is its own text, empty if it gave none;
/// <paramref name="Offset"/> is where in the request the attribute stands that it did not like.
/// </summary>
[SuppressMessage("Naming", "CA1720", Justification = "An error here says operation, object, reason and evidence.")]
public sealed record KernelRefusal(string Operation, string Object, int Errno, string Evidence = "", int? Offset = null)
{
    /// <summary>What was meant is not there. For a removal this is as good as success.</summary>
    public bool IsNotFound =>
        Errno is Netlink.Errno.NoDevice or Netlink.Errno.NoEntry or Netlink.Errno.NoProcess
        || (Errno == Netlink.Errno.AddressNotAvailable && Operation.StartsWith("del", StringComparison.Ordinal));

    public bool IsAlreadyThere => Errno == Netlink.Errno.Exists;

    public bool IsBusy => Errno == Netlink.Errno.Busy;

    /// <summary>A limit of the kernel's is reached, such as net.ipv4.igmp_max_memberships for multicast VXLANs.</summary>
    public bool IsNoBuffers => Errno == Netlink.Errno.NoBuffers;

    /// <summary>This kernel cannot do it.</summary>
    public bool IsNotSupported => Errno == Netlink.Errno.NotSupported;

    /// <summary>This process may not do it.</summary>
    public bool IsRefused => Errno is Netlink.Errno.NotPermitted or Netlink.Errno.AccessDenied;

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public bool IsRetryable =>
        Errno is Netlink.Errno.Again or Netlink.Errno.Busy or Netlink.Errno.Interrupted or Netlink.Errno.NoMemory or Netlink.Errno.TimedOut;

    /// <summary>As in <c>newlink vxlan101: EEXIST (File exists), offset 36: "…"</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Operation);
        if (Object.Length > 0)
        {
            text.Append(' ').Append(Object);
        }

        text.Append(": ").Append(Netlink.Errno.Describe(Errno));
        if (Offset is { } offset)
        {
            text.Append(CultureInfo.InvariantCulture, $", offset {offset}");
        }

        return Evidence.Length == 0 ? text.ToString() : text.Append(": \"").Append(Evidence).Append('"').ToString();
    }
}
