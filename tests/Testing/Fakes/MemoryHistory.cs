using System.Collections.Concurrent;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>All generations, in memory.</summary>
public sealed class MemoryHistory : IHistory
{
    private readonly ConcurrentDictionary<ulong, Generation> _kept = new();

    public void Forget(ulong number) => _kept.TryRemove(number, out _);

    public void Keep(Generation generation) => _kept[generation.Number] = generation;

    public IReadOnlyList<HistoryEntry> List(ulong? before, int count) =>
        [.. _kept.Values.Where(g => before is null || g.Number < before).OrderByDescending(g => g.Number).Take(count).Select(g => g.Entry)];

    public Generation? Find(ulong number) => _kept.GetValueOrDefault(number);
}
