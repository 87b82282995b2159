namespace Cloudbr.Agent.Core.Tests.Planning.Scenarios;

/// <summary>A random choice that is the same for the same seed.</summary>
internal sealed class Dice(int seed)
{
#pragma warning disable CA5394 // Nothing secret.
    private readonly Random _random = new(seed);

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    public int Between(int least, int most) => _random.Next(least, most + 1);

    public bool Percent(int chance) => _random.Next(100) < chance;

    public IReadOnlyList<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToArray();
        _random.Shuffle(list);
        return list;
    }
#pragma warning restore CA5394

    public T? Maybe<T>(params ReadOnlySpan<T> choices)
        where T : struct => Percent(50) ? null : Of(choices);
}
