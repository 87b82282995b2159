using System.CommandLine;
using System.Globalization;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Which networks are here, and are they as they should be?</summary>
internal static class NetworksCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("networks", "Show the networks of this host and how they are");
        runner.SetAction(command, async context =>
        {
            var client = new HostNetwork.HostNetworkClient(context.Calls);
            var config = await client.GetConfigAsync(new GetConfigRequest { Sections = { ConfigSection.Networks } }, context.Briefly);
            var response = await client.GetStateAsync(new GetStateRequest(), context.Briefly);
            context.Printer.Print(response.State, p => Show(p, config.Config.Networks, response.State));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Printer printer, IEnumerable<Network> asked, HostState state)
    {
        var isolations = asked.ToDictionary(n => n.Id, Words.Of, StringComparer.Ordinal);
        printer.Table(
            ["ID", "ISOLATION", "BRIDGE", "DEVICE", "GUEST MTU", "PORTS", "CONDITION"],
            state.Networks.Select(n => new[]
            {
                n.Realisation.NetworkId,
                isolations.GetValueOrDefault(n.Realisation.NetworkId, "?"),
                n.Realisation.Bridge,
                n.Realisation.Device,
                n.Realisation.GuestMtu.ToString(CultureInfo.InvariantCulture),
                n.NicIds.Count.ToString(CultureInfo.InvariantCulture),
                Words.Of(n.Condition, n.Problems),
            }));
    }
}
