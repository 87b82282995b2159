using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Dataplane.Journal;

namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>What an operator reads of the generations that are kept. Event ids are stable: 2200 to 2209.</summary>
internal sealed partial class GenerationLog(ILogger logger) : IHistoryObserver
{
    public void GenerationUnreadable(Failure failure) => Unreadable(logger, failure.Message, failure.Evidence, failure.Remedy);

    public void HistoryFailing(Failure failure) => Failing(logger, failure.Message, failure.Evidence, failure.Remedy);

    public void HistoryWorking(long lost) => Works(logger, lost);

    [LoggerMessage(2201, LogLevel.Warning, "A former generation cannot be read and is left out: {Reason} ({Evidence}). What to do: {Remedy}")]
    private static partial void Unreadable(ILogger logger, string reason, string evidence, string remedy);

    [LoggerMessage(2202, LogLevel.Warning, "Generations are not kept for the history at the moment; the desired state itself is not concerned: {Reason} ({Evidence}). What to do: {Remedy}")]
    private static partial void Failing(ILogger logger, string reason, string evidence, string remedy);

    [LoggerMessage(2203, LogLevel.Information, "Generations are kept for the history again; {Lost} of those that waited were too many and are missing in it")]
    private static partial void Works(ILogger logger, long lost);
}
