using System.Diagnostics.CodeAnalysis;
using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>
/// The generations that wait for the disk, oldest first, each number once: only the last that is known of it is worth writing. It is
/// bounded, for a disk may hang for hours; and nobody may wait for it, for the reconcile loop must not stop over its diary. So when it is
/// full, the oldest are given up: the newest are those that somebody will want to go back to. Not thread-safe.
/// </summary>
internal sealed class HistoryQueue(int most)
{
    private readonly SortedDictionary<ulong, Generation> _waiting = [];

    /// <summary>What is being written, and is on its way out of here.</summary>
    private Generation? _taken;

    public bool IsEmpty => _waiting.Count == 0 && _taken is null;

    /// <summary>All that is not on disk yet, each number once.</summary>
    public IEnumerable<Generation> All =>
        _taken is { } taken && !_waiting.ContainsKey(taken.Number) ? _waiting.Values.Append(taken) : _waiting.Values;

    public Generation? Find(ulong number) =>
        _waiting.TryGetValue(number, out var waiting) ? waiting : _taken?.Number == number ? _taken : null;

    /// <summary>Whether one had to make room.</summary>
    public bool Add(Generation generation)
    {
        _waiting[generation.Number] = generation;
        return _waiting.Count > most && _waiting.Remove(_waiting.First().Key);
    }

    /// <summary>The oldest that waits.</summary>
    public bool TryTake([NotNullWhen(true)] out Generation? generation)
    {
        generation = _taken = _waiting.Count == 0 ? null : _waiting.First().Value;
        return generation is not null && _waiting.Remove(generation.Number);
    }

    /// <summary>What was taken is written, or will never be.</summary>
    public void Finish() => _taken = null;

    /// <summary>What was taken waits again. Whether one had to make room.</summary>
    public bool PutBack()
    {
        var taken = _taken;
        _taken = null;
        return taken is not null && !_waiting.ContainsKey(taken.Number) && Add(taken);
    }
}
