using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Dataplane.Tests.Chaos;

/// <summary>A history whose last writes are on their way to the disk for a while, as they are in the real one: who dies loses some of them.</summary>
internal sealed class ForgetfulHistory : IHistory
{
    private readonly List<Generation> _written = [];
    private int _safe;

    /// <summary>Of the agent that writes now: what it tells after its death is not heard.</summary>
    public Doom? Doom { get; set; }

    /// <summary>All that was told to be kept is on disk.</summary>
    public void Flush() => _safe = _written.Count;

    /// <summary>What is left when the agent dies: of what was not on disk yet, so many.</summary>
    public void Lose(int kept) => _written.RemoveRange(Math.Min(_safe + kept, _written.Count), _written.Count - Math.Min(_safe + kept, _written.Count));

    /// <summary>How much a death could lose.</summary>
    public int Unsafe => _written.Count - _safe;

    public void Keep(Generation generation)
    {
        if (Doom is not { IsDead: true })
        {
            _written.Add(generation);
        }
    }

    public IReadOnlyList<HistoryEntry> List(ulong? before, int count) =>
        [.. _written.Select(g => g.Number).Distinct().Where(n => before is null || n < before).OrderDescending().Take(count).Select(n => Find(n)!.Entry)];

    public Generation? Find(ulong number) => _written.FindLast(g => g.Number == number);
}
