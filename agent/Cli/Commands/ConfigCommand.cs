using System.CommandLine;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What is this host to be? Printed as apply reads it.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandRunner runner)
    {
        var generation = new Option<ulong?>("--generation")
        {
            Description = "That of an earlier generation, as history shows it",
            HelpName = "N",
            CustomParser = r => Parsing.Generation(r, "--generation"),
        };
        var command = new Command("config", "Print the desired state as JSON, as apply reads it") { generation };
        runner.SetAction(command, async context =>
        {
            var request = new GetConfigRequest();
            if (context.Arguments.GetValue(generation) is { } number)
            {
                request.Generation = number;
            }

            var response = await new HostNetwork.HostNetworkClient(context.Calls).GetConfigAsync(request, context.Briefly);
            context.Printer.Print(response, p => p.Document(response.Config));
            return ExitCode.Success;
        });
        return command;
    }
}
