using System.CommandLine;
using System.CommandLine.Invocation;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Options;

// EX_CONFIG of sysexits(3): the unit tells systemd by it that trying again is of no use.
const int UnusableSettings = 78;

var configFile = new Option<string?>("--config") { Description = "Settings file", HelpName = "FILE" };
var stateDirectory = new Option<string?>("--state-dir") { Description = "Where the agent keeps its state", HelpName = "DIR" };
var socket = new Option<string?>("--socket") { Description = "Unix socket to listen on", HelpName = "PATH" };
var insecure = new Option<string?>("--insecure")
{
    Description = "Also listen on TCP without TLS; loopback only, for development",
    HelpName = "127.0.0.1:PORT",
};

var run = new Command("run", "Run the agent in the foreground") { configFile, stateDirectory, socket, insecure };
run.SetAction(async (arguments, cancellationToken) =>
{
    AgentOptions options;
    try
    {
        options = AgentOptionsReader.Read(new CommandLineOptions(
            arguments.GetValue(configFile), arguments.GetValue(stateDirectory), arguments.GetValue(socket), arguments.GetValue(insecure)));
    }
    catch (ConfigurationException e)
    {
        return await CannotStartAsync(e, UnusableSettings);
    }

    try
    {
        await using var app = await AgentHost.BuildAsync(options, cancellationToken);
        await AgentHost.RunAsync(app, options);
        return 0;
    }
    catch (Exception e) when (e is ConfigurationException or IOException or UnauthorizedAccessException)
    {
        return await CannotStartAsync(e, 1);
    }

    // Told in one line: a stack would hide it.
    static async Task<int> CannotStartAsync(Exception reason, int exitCode)
    {
        await Console.Error.WriteLineAsync($"cloudbr-agent cannot start: {reason.Message}");
        return exitCode;
    }
});

var version = new Command("version", "Print the version");
version.SetAction(_ => Console.WriteLine($"cloudbr-agent {AgentVersion.Text}"));

var root = new RootCommand("The network agent of a KVM host") { run, version };
var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction)
{
    Console.Error.WriteLine($"cloudbr-agent: {string.Join(" ", parsed.Errors.Select(e => e.Message))} See cloudbr-agent --help.");
    return 2;
}

return await parsed.InvokeAsync(new InvocationConfiguration
{
    // The host handles SIGTERM itself: it finishes the calls under way.
    ProcessTerminationTimeout = null,
});
