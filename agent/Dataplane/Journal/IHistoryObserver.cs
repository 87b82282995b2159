using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Dataplane.Journal;

/// <summary>Hears what the history on disk cannot do, each thing once and not once a generation. Called by any thread.</summary>
public interface IHistoryObserver
{
    /// <summary>A generation cannot be read, and is left out.</summary>
    void GenerationUnreadable(Failure failure);

    /// <summary>Generations are not written any more; what waits is tried again.</summary>
    void HistoryFailing(Failure failure);

    /// <summary>All that waited is written again.</summary>
    /// <param name="lost">How many generations waited in vain.</param>
    void HistoryWorking(long lost);
}
