using Microsoft.Extensions.Logging;

namespace Cloudbr.Agent.Rpc.Server;

internal static partial class ServerLog
{
    [LoggerMessage(1001, LogLevel.Error,
        "{Method} failed unexpectedly in call {CallId}; the caller was answered INTERNAL with this call id. This is a defect: please report it with the lines below")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string method, string callId);

    [LoggerMessage(1002, LogLevel.Debug, "{Method} in call {CallId} was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string method, string callId, string reason);

    [LoggerMessage(1003, LogLevel.Debug, "{Method} in call {CallId} passed its deadline; the caller was answered DEADLINE_EXCEEDED")]
    public static partial void DeadlineExceeded(ILogger logger, string method, string callId);

    [LoggerMessage(1004, LogLevel.Debug, "{Method} in call {CallId}: the caller went away")]
    public static partial void CallerGone(ILogger logger, string method, string callId);

    [LoggerMessage(1005, LogLevel.Debug, "{Method} in call {CallId}: the answer to the passed deadline could not be sent")]
    public static partial void DeadlineAnswerFailed(ILogger logger, Exception exception, string method, string callId);
}
