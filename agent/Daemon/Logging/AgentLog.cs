namespace Cloudbr.Agent.Daemon.Logging;

/// <summary>What an operator reads of the agent's life. Event ids are stable: 2000 to 2099.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(2001, LogLevel.Information, "cloudbr-agent {Version} serves on {Endpoints}; run {InstanceId}, generation {Generation}")]
    public static partial void Serving(ILogger logger, string version, string endpoints, string instanceId, ulong generation);

    [LoggerMessage(2002, LogLevel.Information, "cloudbr-agent is stopping: calls under way are finished, streams are ended; the data plane stays as it is")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(2003, LogLevel.Information, "cloudbr-agent has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(2004, LogLevel.Warning, "{Tool} cannot be used on this host: {Reason}. Ports that need it will be refused until it can")]
    public static partial void ToolUnusable(ILogger logger, string tool, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "Listening on {Endpoint} without TLS and without authentication, as --insecure asks. Anybody on this host can drive the agent through it")]
    public static partial void Insecure(ILogger logger, string endpoint);

    [LoggerMessage(2007, LogLevel.Information, "Removed the socket {Path} that a dead agent left behind")]
    public static partial void StaleSocketRemoved(ILogger logger, string path);

    [LoggerMessage(2008, LogLevel.Warning, "systemd started the agent and could not be told how it is: {Reason}. It may take the agent for hung and restart it")]
    public static partial void ServiceManagerUntold(ILogger logger, string reason);
}
