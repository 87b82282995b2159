namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>What an operator reads of remembered answers. Event ids are stable: 2300 to 2399.</summary>
internal static partial class AnswerLog
{
    [LoggerMessage(2301, LogLevel.Warning, "Cut {Bytes} bytes off the end of {Path}: an answer that the agent was writing when it was killed. If its request comes again, it is made again, which changes nothing that is as it should be")]
    public static partial void TailCut(ILogger logger, string path, long bytes);

    [LoggerMessage(2302, LogLevel.Warning, "{Bytes} bytes in {Path} are damaged and passed over; the answers before and after them are intact. See whether the disk is sound")]
    public static partial void Damaged(ILogger logger, string path, long bytes);

    [LoggerMessage(2303, LogLevel.Error, "Answers cannot be written to {Path}: {Reason}. Changes are made and answered all the same, but the newest answers will be forgotten when the agent restarts. Make room, or make the folder writable for the service; the agent tries again with each change")]
    public static partial void CannotWrite(ILogger logger, string path, string reason);

    [LoggerMessage(2304, LogLevel.Information, "Answers are written to {Path} again")]
    public static partial void WritesAgain(ILogger logger, string path);

    [LoggerMessage(2305, LogLevel.Warning, "The answer to {RequestId} cannot be read back from {Path}: {Reason}. It is forgotten, and the request is made again")]
    public static partial void CannotRead(ILogger logger, string requestId, string path, string reason);

    [LoggerMessage(2306, LogLevel.Warning, "The answer to {RequestId} ({Bytes} bytes) is too long to be remembered; if its request comes again, it is made again")]
    public static partial void TooLong(ILogger logger, string requestId, int bytes);

    [LoggerMessage(2307, LogLevel.Debug, "{Method} ({RequestId}) came again and has got its first answer")]
    public static partial void CameAgain(ILogger logger, string method, string requestId);
}
