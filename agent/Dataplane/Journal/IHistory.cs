using Cloudbr.Agent.Core.Model.Generations;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>The generations that there were, as many as are kept.</summary>
public interface IHistory
{
    /// <summary>
    /// Keeps a generation, or what has become of one that is kept already. Returns at once: it is written later, by another thread.
    /// </summary>
    void Keep(Generation generation);

    /// <summary>The newest first, those before <paramref name="before"/> (null: all), at most so many.</summary>
    IReadOnlyList<HistoryEntry> List(ulong? before, int count);

    /// <summary>Null if it is kept no longer, or cannot be read.</summary>
    Generation? Find(ulong number);
}
