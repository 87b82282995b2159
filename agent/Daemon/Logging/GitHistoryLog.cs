using Cloudbr.Agent.Dataplane.History;

namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>What an operator reads of the history in git. Event ids are stable: 2210 to 2299.</summary>
internal sealed partial class GitHistoryLog(ILogger logger, string directory) : IGitHistoryObserver
{
    public void HistoryOff(string reason) => Off(logger, directory, reason);

    public void HistoryOn() => On(logger, directory);

    public void HistoryTouched(string what) => Touched(logger, directory, what);

    public void HistoryUntidy(string what) => Untidy(logger, directory, what);

    [LoggerMessage(2211, LogLevel.Warning, "The history in {Directory} is off: {Reason}. Nothing else is affected; the next change tries again")]
    private static partial void Off(ILogger logger, string directory, string reason);

    [LoggerMessage(2212, LogLevel.Information, "The history in {Directory} is written again")]
    private static partial void On(ILogger logger, string directory);

    [LoggerMessage(2213, LogLevel.Warning, "The history in {Directory} is not as the agent left it: {What}. It is for reading only: the host's configuration never comes from it")]
    private static partial void Touched(ILogger logger, string directory, string what);

    [LoggerMessage(2214, LogLevel.Warning, "The history in {Directory} is complete, but {What}")]
    private static partial void Untidy(ILogger logger, string directory, string what);
}
