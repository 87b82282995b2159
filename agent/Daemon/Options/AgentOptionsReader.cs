using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Daemon.Options;

/// <summary>What the command line said; null where it said nothing.</summary>
public sealed record CommandLineOptions(string? ConfigFile, string? StateDirectory, string? Socket, string? Insecure);

/// <summary>Reads agent.conf and the command line. What it does not understand it refuses: a misspelt setting is no setting.</summary>
public static class AgentOptionsReader
{
    public const string DefaultFile = "/etc/cloudbr-agent/agent.conf";

    /// <summary>sun_path of unix(7), without its terminating zero.</summary>
    private const int LongestSocketPath = 107;

    private static readonly string[] Known = ["agent:socket", "agent:state_dir", "agent:log_level", "agent:drift", "agent:history", "agent:management_lost_after"];

    private static readonly Dictionary<string, LogLevel> LogLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
    };

    public static AgentOptions Read(CommandLineOptions commandLine)
    {
        var file = Load(commandLine.ConfigFile);
        var defaults = new AgentOptions();
        return new AgentOptions
        {
            Socket = SocketPath(commandLine.Socket ?? file["agent:socket"] ?? AgentOptions.DefaultSocket),
            StateDirectory = Absolute(commandLine.StateDirectory ?? file["agent:state_dir"] ?? AgentOptions.DefaultStateDirectory, "state_dir"),
            LogLevel = Level(file["agent:log_level"]),
            DriftMode = Mode(file["agent:drift"]),
            History = Number(file["agent:history"], "history", 1, 100_000) ?? defaults.History,
            ManagementLostAfter = Number(file["agent:management_lost_after"], "management_lost_after", 1, 3600) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : defaults.ManagementLostAfter,
            Insecure = commandLine.Insecure is null ? null : Loopback(commandLine.Insecure),
        };
    }

    private static IConfigurationRoot Load(string? path)
    {
        // A file that was named has to be there; the default one need not.
        var name = path ?? DefaultFile;
        if (path is null && !File.Exists(name))
        {
            return new ConfigurationBuilder().Build();
        }

        try
        {
            using var stream = File.OpenRead(name);
            var root = new ConfigurationBuilder().AddIniStream(stream).Build();
            foreach (var (key, value) in root.AsEnumerable())
            {
                if (value is not null && !Known.Contains(key, StringComparer.OrdinalIgnoreCase))
                {
                    throw new ConfigurationException(
                        $"{name}: '{key.Replace(':', '.')}' is no setting of this agent. Known: {string.Join(", ", Known.Select(k => k.Replace(':', '.')))}.");
                }
            }

            return root;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ConfigurationException($"{name} cannot be read: {e.Message}");
        }
    }

    private static string SocketPath(string text)
    {
        var path = Absolute(text, "socket");
        if (Path.EndsInDirectorySeparator(path))
        {
            throw new ConfigurationException($"socket is '{text}'; give the path of the socket, not of its directory.");
        }

        var length = Encoding.UTF8.GetByteCount(path);
        return length <= LongestSocketPath
            ? path
            : throw new ConfigurationException($"socket is '{text}', {length} bytes long; the kernel takes at most {LongestSocketPath}.");
    }

    private static string Absolute(string path, string setting) => Path.IsPathFullyQualified(path) && !path.Contains('\0', StringComparison.Ordinal)
        ? Path.GetFullPath(path)
        : throw new ConfigurationException($"{setting} is '{path}'; give an absolute path.");

    private static LogLevel Level(string? name) => name is null ? LogLevel.Information
        : LogLevels.TryGetValue(name, out var level) ? level
        : throw new ConfigurationException($"agent.log_level is '{name}'; choose one of {string.Join(", ", LogLevels.Keys)}.");

    private static DriftMode Mode(string? name) => name?.ToLowerInvariant() switch
    {
        null or "heal" => DriftMode.Heal,
        "observe" => DriftMode.Observe,
        _ => throw new ConfigurationException($"agent.drift is '{name}'; choose heal or observe."),
    };

    private static int? Number(string? text, string setting, int least, int most) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new ConfigurationException($"agent.{setting} is '{text}'; give a number from {least} to {most}.");

    private static IPEndPoint Loopback(string text)
    {
        if (!IPEndPoint.TryParse(text, out var endpoint) || !EndsInPort(text, endpoint))
        {
            throw new ConfigurationException($"--insecure is '{text}'; give an address and a port, such as 127.0.0.1:9440.");
        }

        return IPAddress.IsLoopback(endpoint.Address)
            ? endpoint
            : throw new ConfigurationException(
                $"--insecure is '{text}'; without TLS the agent listens on loopback only, such as 127.0.0.1:{endpoint.Port}.");
    }

    /// <summary>An address without a port parses too; the last part of "::1" is none.</summary>
    private static bool EndsInPort(string text, IPEndPoint endpoint) => endpoint.AddressFamily == AddressFamily.InterNetworkV6
        ? text.Contains("]:", StringComparison.Ordinal)
        : text.Contains(':', StringComparison.Ordinal);
}
