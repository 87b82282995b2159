using System.CommandLine;
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
    StatusCommand.Create(runner), CapabilitiesCommand.Create(runner), WatchCommand.Create(runner), version,
};
runner.AddOptionsTo(root);

var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { Output = StandardOutput.Open() });
return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
