using System.CommandLine;
using System.CommandLine.Invocation;
using Cloudbr.Agent.Daemon.Hosting;
using Cloudbr.Agent.Daemon.Options;

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
    try
    {
        var options = AgentOptionsReader.Read(new CommandLineOptions(
            arguments.GetValue(configFile), arguments.GetValue(stateDirectory), arguments.GetValue(socket), arguments.GetValue(insecure)));
        await using var app = await AgentHost.BuildAsync(options, cancellationToken);
        await AgentHost.RunAsync(app, options);
        return 0;
    }
    catch (Exception e) when (e is ConfigurationException or IOException or UnauthorizedAccessException)
    {
        // Told in one line: a stack would hide it.
        await Console.Error.WriteLineAsync($"cloudbr-agent cannot start: {e.Message}");
        return 1;
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
