using System.CommandLine;
using System.Globalization;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Are the physical networks here, and fit? Exit code 0 says yes.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandRunner runner)
    {
        var labels = new Argument<string[]>("LABEL")
        {
            Description = "Labels to look for; those of the config unless given",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("check", "Check the physical networks; exit code 0 if all are here and fit") { labels };
        runner.SetAction(command, async context =>
        {
            var request = new CheckPhysicalNetworksRequest();
            request.PhysicalNetworks.Add((context.Arguments.GetValue(labels) ?? []).Select(l => new PhysicalNetwork { Label = l }));
            var response = await new HostNetwork.HostNetworkClient(context.Calls).CheckPhysicalNetworksAsync(request, context.Briefly);
            context.Printer.Print(response, p => Show(p, response));
            return response.Checks.All(c => c.Result is PhysicalNetworkCheckResult.Found or PhysicalNetworkCheckResult.ToBeMade)
                ? ExitCode.Success
                : ExitCode.Refused;
        });
        return command;
    }

    private static void Show(Printer printer, CheckPhysicalNetworksResponse response) => printer.Table(
        ["LABEL", "RESULT", "BRIDGE", "UPLINK", "MTU", "MESSAGE"],
        response.Checks.Select(c => new[]
        {
            c.Label, Words.Of(c.Result), c.Bridge, c.Uplink, c.HasMtu ? c.Mtu.ToString(CultureInfo.InvariantCulture) : "?", c.Message,
        }));
}
