using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Makes the host as an earlier generation says.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommandRunner runner)
    {
        var generation = Parsing.GenerationArgument("The generation whose config is wanted again, as history shows it");
        var change = new ChangeArguments();
        var command = new Command("rollback", "Make the host as an earlier generation says, as a new generation") { generation };
        change.AddAllTo(command);
        runner.SetAction(command, async context =>
        {
            var response = await new HostNetwork.HostNetworkClient(context.Calls).RollbackAsync(
                new RollbackRequest { Change = change.Read(context.Arguments), ToGeneration = context.Arguments.GetValue(generation) },
                context.Patiently);
            context.Printer.Print(response, p => ReportText.Show(p, response.Report, context.SameAgent));
            return ExitCode.Success;
        });
        return command;
    }
}
