using System.CommandLine;
using System.Globalization;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Which devices does the kernel have, and whose are they?</summary>
internal static class LinksCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("links", "Show the network devices of this host, the agent's and all others");
        runner.SetAction(command, async context =>
        {
            var client = new HostNetwork.HostNetworkClient(context.Calls);
            var response = await client.GetStateAsync(new GetStateRequest { IncludeLinks = true }, context.Briefly);
            context.Printer.Print(response.State, p => Show(p, response.State));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Printer printer, HostState state) => printer.Table(
        ["NAME", "KIND", "STATE", "MTU", "MASTER", "PARENT", "OWNED", "BELONGS TO", "MAC", "ADDRESSES"],
        state.Links.Select(l => new[]
        {
            l.Name,
            l.Kind,
            Words.Of(l.OperState),
            l.Mtu.ToString(CultureInfo.InvariantCulture),
            l.Master,
            l.Parent,
            l.Owned ? "yes" : "",
            l.BelongsTo,
            l.Mac,
            string.Join(", ", l.Addresses),
        }));
}
