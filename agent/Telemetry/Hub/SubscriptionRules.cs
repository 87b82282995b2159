using Cloudbr.Agent.Core.Validation;

namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>One topic as a caller asked for it.</summary>
public sealed record SubscriptionWish(int Topic, TimeSpan? Interval, IReadOnlyList<string> Only);

/// <summary>Checks what a stream is to carry, and fills in what was left out.</summary>
public static class SubscriptionRules
{
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    /// <summary>The topics that are sampled, with the interval that holds unless another is asked for.</summary>
    private static readonly Dictionary<Topic, TimeSpan> Sampled = new()
    {
        [Topic.Heartbeat] = TimeSpan.FromSeconds(1),
        [Topic.Counters] = TimeSpan.FromSeconds(10),
        [Topic.NicHealth] = TimeSpan.FromSeconds(10),
        [Topic.Path] = TimeSpan.FromSeconds(10),
        [Topic.Loss] = TimeSpan.FromSeconds(10),
    };

    /// <summary>
    /// What will be sent for these wishes; for none, every topic that is <paramref name="sent"/>. A topic that is not would be
    /// silence that looks like peace, so it is refused.
    /// </summary>
    public static IReadOnlyList<Subscription> Resolve(
        IReadOnlyList<SubscriptionWish> wishes, IReadOnlySet<Topic> sent, Violations violations)
    {
        if (wishes.Count == 0)
        {
            return [.. sent.Order().Select(t => new Subscription(t, DefaultInterval(t), []))];
        }

        var resolved = new List<Subscription>(wishes.Count);
        for (var i = 0; i < wishes.Count; i++)
        {
            var (wish, path) = (wishes[i], $"subscriptions[{i}]");
            var topic = (Topic)wish.Topic;
            if (!Enum.IsDefined(topic))
            {
                violations.Add($"{path}.topic", wish.Topic == 0 ? "is required" : $"{wish.Topic} is no topic that this agent knows");
                continue;
            }

            violations.Require(
                sent.Contains(topic), $"{path}.topic", $"{topic} is part of the contract, and this agent does not send it yet");
            violations.Require(
                !resolved.Exists(s => s.Topic == topic), $"{path}.topic", $"{topic} was asked for before; each topic at most once");
            var interval = DefaultInterval(topic);
            if (interval is not null && wish.Interval is { } asked)
            {
                violations.Require(
                    asked >= ShortestInterval && asked <= LongestInterval,
                    $"{path}.interval",
                    $"{asked.TotalSeconds:0.#######} s is not between 0.1 s and 1 h");
                interval = asked;
            }

            resolved.Add(new Subscription(topic, interval, wish.Only));
        }

        return resolved;
    }

    private static TimeSpan? DefaultInterval(Topic topic) => Sampled.TryGetValue(topic, out var interval) ? interval : null;
}
