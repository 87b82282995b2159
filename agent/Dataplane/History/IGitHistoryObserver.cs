namespace Cloudbr.Agent.Dataplane.History;

/// <summary>Is told what becomes of the history, for the journal. Called on the history's own thread.</summary>
public interface IGitHistoryObserver
{
    /// <summary>Nothing is written, and why. Told once for each reason; the next generation tries again.</summary>
    void HistoryOff(string reason);

    /// <summary>It is written again, after it was off.</summary>
    void HistoryOn();

    /// <summary>Somebody else changed it; what was found, and what became of it.</summary>
    void HistoryTouched(string what);

    /// <summary>The commits are there, but something else about it failed.</summary>
    void HistoryUntidy(string what);
}
