using System.CommandLine;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Keeps what was applied with --confirm-within.</summary>
internal static class ConfirmCommand
{
    public static Command Create(CommandRunner runner)
    {
        var generation = Parsing.GenerationArgument("The generation that awaits its confirmation, as apply said it");
        var change = new ChangeArguments();
        var command = new Command("confirm", "Keep a generation that would go away again without it") { generation };
        change.AddFewTo(command);
        runner.SetAction(command, async context =>
        {
            var response = await new HostNetwork.HostNetworkClient(context.Calls).ConfirmAsync(
                new ConfirmRequest { Change = change.Read(context.Arguments), Generation = context.Arguments.GetValue(generation) },
                context.Patiently);
            context.Printer.Print(response, p => p.Line($"confirmed: generation {response.Report.Generation}"));
            return ExitCode.Success;
        });
        return command;
    }
}
