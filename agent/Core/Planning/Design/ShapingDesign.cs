using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;

namespace Cloudbr.Agent.Core.Planning.Design;

/// <summary>
/// What a rate is to be in the kernel. The rate counts whole frames, without preamble and checksum. The numbers are those with which one
/// TCP connection measured within 5 % of the rate from 10 Mbit/s to 1 Gbit/s, its headers included; `tests/bench shaping` measures again.
/// </summary>
public static class ShapingDesign
{
    /// <summary>A queue is served when the host gets round to it: what it could have sent meanwhile is not lost to a burst of so long.</summary>
    private const int QueueBurstMs = 50;

    /// <summary>
    /// Nothing waits for a police: it drops, TCP slows down more than it would have to, and only what it left unused meanwhile makes up for
    /// that. With 100 ms TCP comes to half of the rate.
    /// </summary>
    private const int PoliceBurstMs = 300;

    /// <summary>Room for what waits, so long that TCP is not held up, so short that nobody else waits noticeably longer.</summary>
    private const int QueueMs = 100;

    /// <summary>Two of the largest packets that a guest hands over in one piece.</summary>
    private const int LeastQueue = 128 * 1024;

    private const int MostQueue = 64 * 1024 * 1024;

    /// <summary>As much as may be asked for.</summary>
    private const int MostBurst = 256 * 1024 * 1024;

    /// <summary>An Ethernet header with a VLAN tag.</summary>
    private const int HeaderBytes = 18;

    /// <summary>A packet of 64 KiB in one piece, counted with the headers that each of its frames will have. A police drops what is larger.</summary>
    private const int LargestPacket = 80 * 1024;

    private const int IfbMtu = 1500;

    /// <summary>What waits in a queue. A burst that was asked for holds at least one frame, or none would ever pass.</summary>
    public static TokenBucket Queue(Rate rate, int mtu)
    {
        var bytes = rate.BitsPerSecond / 8;
        return TokenBucket.Of(
            bytes,
            Math.Max(rate.BurstBytes ?? Worth(bytes, QueueBurstMs), mtu + HeaderBytes),
            (uint)Math.Clamp(Worth(bytes, QueueMs), LeastQueue, MostQueue));
    }

    /// <summary>What is dropped beyond the rate. Whatever burst was asked for, the largest packet fits.</summary>
    public static TokenBucket Police(Rate rate)
    {
        var bytes = rate.BitsPerSecond / 8;
        return TokenBucket.Of(bytes, Math.Max(rate.BurstBytes ?? Worth(bytes, PoliceBurstMs), LargestPacket), queueBytes: 0);
    }

    /// <summary>The device that what a guest sends goes through; null where the kernel needs none.</summary>
    public static LinkSpec? Ifb(PortDesign design) => design is { ShapedBy: ShapingMeans.Redirect, Port.RateLimit.FromGuest: not null }
        ? new LinkSpec
        {
            Name = KernelNames.Ifb(design.Port.NicId).Name,
            Kind = LinkKind.Ifb,
            Alias = new Ownership(Ownership.Port, design.Port.NicId).Alias,
            Mtu = IfbMtu,
            Ipv6Off = true,
        }
        : null;

    private static long Worth(long bytesPerSecond, int milliseconds) => Math.Min(bytesPerSecond * milliseconds / 1000, MostBurst);
}
