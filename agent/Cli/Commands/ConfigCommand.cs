using System.CommandLine;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What is this host to be? Printed as apply reads it.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("config", "Print the desired state as JSON, as apply reads it");
        runner.SetAction(command, async context =>
        {
            var response = await new HostNetwork.HostNetworkClient(context.Calls).GetConfigAsync(new GetConfigRequest(), context.Briefly);
            context.Printer.Print(response, p => p.Document(response.Config));
            return ExitCode.Success;
        });
        return command;
    }
}
