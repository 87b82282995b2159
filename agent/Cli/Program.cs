using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Cloudbr.Agent.Cli;
using Cloudbr.Agent.Cli.Commands;
using Cloudbr.Agent.Cli.Output;

var version = new Command("version", "Print the version");
version.SetAction(result => result.InvocationConfiguration.Output.WriteLine(
    $"cloudbrctl {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}"));

var runner = new CommandRunner();
var root = new RootCommand("Talks to the network agent of this host")
{
    StatusCommand.Create(runner),
    CapabilitiesCommand.Create(runner),
    NetworksCommand.Create(runner),
    PortsCommand.Create(runner),
    LinksCommand.Create(runner),
    CheckCommand.Create(runner),
    ConfigCommand.Create(runner),
    ApplyCommand.Create(runner),
    ConfirmCommand.Create(runner),
    HistoryCommand.Create(runner),
    RollbackCommand.Create(runner),
    WatchCommand.Create(runner),
    version,
};
runner.AddOptionsTo(root);

root.SetAction(result =>
{
    new HelpAction().Invoke(result);
    return ExitCode.Usage;
});

var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction)
{
    Console.Error.WriteLine($"cloudbrctl: {string.Join(" ", parsed.Errors.Select(e => e.Message))} See cloudbrctl --help.");
    return ExitCode.Usage;
}

var output = StandardOutput.Open();
try
{
    var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
    output.Flush();
    return exitCode;
}
catch (Exception e) when (StandardOutput.IsClosed(e))
{
    // Who read has read enough.
    return ExitCode.Success;
}
catch (IOException e)
{
    Console.Error.WriteLine($"cloudbrctl: the answer could not be written: {e.Message}");
    return ExitCode.Refused;
}
catch (Exception e)
{
    Console.Error.WriteLine($"cloudbrctl failed unexpectedly. This is a defect: please report it with the lines below\n{e}");
    return ExitCode.Refused;
}
