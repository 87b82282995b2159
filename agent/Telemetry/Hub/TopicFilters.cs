namespace Cloudbr.Agent.Telemetry.Hub;

/// <summary>Which events a stream carries: those of its topics that are about what it asked for.</summary>
internal sealed class TopicFilters(IReadOnlyList<Subscription> subscriptions)
{
    /// <summary>What a topic is narrowed to; null if it is not.</summary>
    private readonly Dictionary<Topic, HashSet<string>?> _only = subscriptions.ToDictionary(
        s => s.Topic, s => s.Only.Count == 0 ? null : s.Only.ToHashSet(StringComparer.Ordinal));

    public IEnumerable<Topic> Topics => _only.Keys;

    public bool HasTopicOf(RetainedEvent happened)
    {
        foreach (var topic in happened.Topics)
        {
            if (_only.ContainsKey(topic))
            {
                return true;
            }
        }

        return false;
    }

    public bool Wants(RetainedEvent happened)
    {
        foreach (var topic in happened.Topics)
        {
            if (_only.TryGetValue(topic, out var only) && (only is null || happened.Names is null || happened.Names.Any(only.Contains)))
            {
                return true;
            }
        }

        return false;
    }
}
