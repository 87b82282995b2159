using System.Text.RegularExpressions;
using Cloudbr.Agent.Testing.Processes;

namespace Cloudbr.Agent.Testing.Agents;

/// <summary>
/// The built agent as a process of its own, on a socket of its own. A project that uses it references agent/Daemon, so that
/// it is built.
/// </summary>
public sealed partial class AgentProcess : IDisposable
{
    /// <summary>Far more than anything here takes: it only ends a test that would wait for ever.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string Program = Repository.BuiltFile("agent/Daemon", "cloudbr-agent");

    private readonly TempDirectory? _directory;
    private readonly RunningCommand _process;

    private AgentProcess(TempDirectory? directory, string socket, RunningCommand process)
    {
        _directory = directory;
        Socket = socket;
        _process = process;
    }

    public string Socket { get; }

    /// <summary>The line in which it said that it serves.</summary>
    public string ServingLine { get; private set; } = "";

    /// <summary>The port of --insecure.</summary>
    public int Port => int.Parse(PortPattern().Match(ServingLine).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    public int Id => _process.Id;

    /// <summary>How the agent is started, for those who want to see it fail.</summary>
    public static IReadOnlyList<string> CommandLine(params IReadOnlyList<string> arguments) => CommandLineWith([], arguments);

    /// <summary>Starts an agent in a directory of its own, and waits until it serves.</summary>
    public static async Task<AgentProcess> StartAsync(params IReadOnlyList<string> arguments)
    {
        var directory = new TempDirectory();
        return await StartAsync(directory, directory["agent.sock"], [], arguments);
    }

    /// <summary>Starts an agent on this socket, and waits until it serves.</summary>
    public static Task<AgentProcess> StartOnAsync(string socket, params IReadOnlyList<string> arguments) =>
        StartAsync(null, socket, [], arguments);

    /// <summary>Starts an agent with more in its environment (`env` takes it), and waits until it serves.</summary>
    public static Task<AgentProcess> StartWithAsync(IReadOnlyList<string> environment, string socket) =>
        StartAsync(null, socket, environment, []);

    public void Send(Signal signal) => _process.Send(signal);

    public void Kill() => _process.Kill();

    public Task<string> WaitForLineAsync(string text) => _process.WaitForLineAsync(text, Limit);

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync(Limit);

    /// <summary>What it said since the last line that was waited for, when it has ended.</summary>
    public Task<IReadOnlyList<string>> ReadToEndAsync() => _process.ReadToEndAsync(Limit);

    /// <summary>Stops it as systemd does, and returns its exit code.</summary>
    public Task<int> StopAsync()
    {
        Send(Signal.Terminate);
        return WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Dispose();
        _directory?.Dispose();
    }

    private static async Task<AgentProcess> StartAsync(
        TempDirectory? directory, string socket, IReadOnlyList<string> environment, IReadOnlyList<string> arguments)
    {
        var process = new RunningCommand(CommandLineWith(environment, ["run", "--socket", socket, "--state-dir", StateBeside(socket), .. arguments]));
        var agent = new AgentProcess(directory, socket, process);
        try
        {
            agent.ServingLine = await process.WaitForLineAsync(" serves on ", Limit);
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    /// <summary>Never that of the machine's own agent.</summary>
    private static string StateBeside(string socket) => Path.Combine(Path.GetDirectoryName(socket)!, "state");

    private static List<string> CommandLineWith(IReadOnlyList<string> environment, IReadOnlyList<string> arguments) =>
        arguments.Contains("run") && !arguments.Contains("--state-dir")
        ? throw new ArgumentException("An agent without --state-dir would take that of the machine's own.", nameof(arguments))
        : ["env", "-u", "NOTIFY_SOCKET", "-u", "JOURNAL_STREAM", .. environment, .. DotnetProgram.Executable(Program, arguments)];

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex PortPattern();
}
