using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Which guests' NICs are here, where are their devices, and are their rules in place?</summary>
internal static class PortsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("ports", "Show the ports of this host, where their devices are, and whether their rules are in place");
        runner.SetAction(command, async context =>
        {
            var client = new HostNetwork.HostNetworkClient(context.Calls);
            var response = await client.GetStateAsync(new GetStateRequest(), context.Briefly);
            context.Printer.Print(response.State, p => Show(p, response.State));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Printer printer, HostState state)
    {
        var networks = state.Networks.SelectMany(n => n.NicIds.Select(nic => (Nic: nic, n.Realisation.NetworkId)))
            .ToDictionary(n => n.Nic, n => n.NetworkId, StringComparer.Ordinal);
        printer.Table(
            ["NIC", "NETWORK", "DEVICE", "BRIDGE", "PRESENCE", "FILTERED", "CONDITION"],
            state.Ports.Select(p => new[]
            {
                p.Realisation.NicId,
                networks.GetValueOrDefault(p.Realisation.NicId, "?"),
                p.Realisation.Device,
                p.Realisation.Bridge,
                Words.Of(p.Realisation.Presence),
                Words.Filtered(p),
                Words.Of(p.Condition, p.Problems),
            }));
    }
}
