namespace Cloudbr.Agent.Core.Model.Links;

/// <summary>
/// A rate as the kernel's token buckets know it. The burst is kept in the kernel's unit of time, in which it is written and read without
/// rounding: how long it takes at this rate, in units of 64 ns.
/// </summary>
/// <param name="BytesPerSecond">How much may pass.</param>
/// <param name="BurstTicks">How long a burst may be.</param>
/// <param name="QueueBytes">How much may wait; 0 where nothing waits, and what is too much is dropped.</param>
public sealed record TokenBucket(long BytesPerSecond, uint BurstTicks, uint QueueBytes)
{
    private const int TickNanoseconds = 64;

    /// <summary>The longest burst that the kernel can be told of.</summary>
    public static readonly TimeSpan LongestBurst = TimeSpan.FromSeconds(uint.MaxValue * 1e-9 * TickNanoseconds);

    public long BurstBytes => (long)((UInt128)BurstTicks * TickNanoseconds * (UInt128)BytesPerSecond / 1_000_000_000);

    /// <summary>With a burst of at least so many bytes, as far as the kernel can be told.</summary>
    public static TokenBucket Of(long bytesPerSecond, long burstBytes, uint queueBytes)
    {
        // A tick more than it comes to: the kernel's own reckoning may be off by a nanosecond.
        var ticks = ((UInt128)burstBytes * 1_000_000_000 / ((UInt128)bytesPerSecond * TickNanoseconds)) + 1;
        return new TokenBucket(bytesPerSecond, ticks < uint.MaxValue ? (uint)ticks : uint.MaxValue, queueBytes);
    }

    public override string ToString() => $"{8 * BytesPerSecond} bit/s, burst {BurstBytes}{(QueueBytes == 0 ? "" : $", queue {QueueBytes}")}";
}

/// <summary>What comes in at a device is held to a rate: there and then, or in the queue of another device that it goes through first.</summary>
public abstract record IngressLimit;

/// <summary>What is too much is dropped where it comes in.</summary>
public sealed record PoliceIngress(TokenBucket Bucket) : IngressLimit
{
    public override string ToString() => $"police {Bucket}";
}

/// <summary>What comes in leaves through another device first, which has a queue for it; empty if that device is gone.</summary>
public sealed record RedirectIngress(string Device) : IngressLimit
{
    public override string ToString() => $"redirect to {(Device.Length == 0 ? "a device that is gone" : Device)}";
}

/// <summary>What the kernel has on a device about how fast traffic may be.</summary>
public sealed record LinkShaping
{
    public static readonly LinkShaping None = new();

    /// <summary>The agent's own, for what leaves the device.</summary>
    public TokenBucket? Egress { get; init; }

    /// <summary>The agent's own, for what comes in.</summary>
    public IngressLimit? Ingress { get; init; }

    /// <summary>The queueing discipline that somebody else gave it, such as "htb 1:"; empty if none.</summary>
    public string ForeignEgress { get; init; } = "";

    /// <summary>The same for what comes in, as long as the agent has nothing there.</summary>
    public string ForeignIngress { get; init; } = "";

    /// <summary>Somebody else has filters beside the agent's own.</summary>
    public bool SharesIngress { get; init; }

    /// <summary>Whether anything of it is the agent's.</summary>
    public bool IsOurs => Egress is not null || Ingress is not null;
}
