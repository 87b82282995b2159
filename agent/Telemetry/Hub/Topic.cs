namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>What a stream may carry. The numbers are the contract's.</summary>
public enum Topic
{
    Heartbeat = 1,
    Link = 2,
    Drift = 3,
    Counters = 4,
    NicHealth = 5,
    Path = 6,
    Loss = 7,
    Finding = 8,
    Port = 9,
    Change = 10,
}

/// <summary>One topic of a stream; <paramref name="Interval"/> is null for topics that are sent as they happen.</summary>
public sealed record Subscription(Topic Topic, TimeSpan? Interval, IReadOnlyList<string> Only);

/// <summary>Where a stream wants to go on, in which run of the agent.</summary>
public sealed record ResumePoint(ulong AfterSequence, string InstanceId);
