using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Daemon.Options;

/// <summary>How the agent runs: agent.conf, overridden by the command line.</summary>
public sealed record AgentOptions
{
    public const string DefaultSocket = "/run/cloudbr-agent/agent.sock";
    public const string DefaultStateDirectory = "/var/lib/cloudbr-agent";

    /// <summary>The Unix socket that is listened on.</summary>
    public string Socket { get; init; } = DefaultSocket;

    /// <summary>Where the agent keeps what has to outlive it.</summary>
    public string StateDirectory { get; init; } = DefaultStateDirectory;

    /// <summary>How much is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>What holds unless the configuration says something about drift.</summary>
    public DriftMode DriftMode { get; init; } = DriftMode.Heal;

    /// <summary>So many generations are kept to go back to.</summary>
    public int History { get; init; } = 1000;

    /// <summary>A caller that awaits a confirmation and is without connection for so long has cut itself off.</summary>
    public TimeSpan ManagementLostAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>TCP without TLS, on loopback only, for development.</summary>
    public System.Net.IPEndPoint? Insecure { get; init; }
}

/// <summary>The configuration cannot be used; the message says where and how to mend it.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
