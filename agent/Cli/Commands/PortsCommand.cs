using System.CommandLine;
using System.Globalization;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Which guests' NICs are here, where are their devices, are their rules in place, and what did those count?</summary>
internal static class PortsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var nics = new Argument<string[]>("NIC")
        {
            Description = "Only these, with what their rules counted; all ports unless given",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("ports", "Show the ports of this host, where their devices are, and whether their rules are in place") { nics };
        runner.SetAction(command, async context =>
        {
            var client = new HostNetwork.HostNetworkClient(context.Calls);
            var request = new GetStateRequest();
            request.NicIds.Add(context.Arguments.GetValue(nics) ?? []);
            var response = await client.GetStateAsync(request, context.Briefly);
            context.Printer.Print(response.State, p =>
            {
                Show(p, response.State);
                if (request.NicIds.Count > 0)
                {
                    ShowCounters(p, response.State);
                }
            });
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

    private static void ShowCounters(Printer printer, HostState state)
    {
        foreach (var port in state.Ports.Where(p => p.RuleCountersFailure is not null))
        {
            printer.Line($"{port.Realisation.NicId}: what its rules counted is not known: {port.RuleCountersFailure.Message}");
        }

        var counters = state.Ports.SelectMany(p => p.RuleCounters.Select(c => (Nic: p.Realisation.NicId, Counter: c))).ToList();
        if (counters.Count == 0)
        {
            return;
        }

        printer.Line("");
        printer.Table(
            ["NIC", "DIRECTION", "RULE", "PACKETS", "BYTES"],
            counters.Select(c => new[]
            {
                c.Nic,
                c.Counter.Ingress ? "ingress" : "egress",
                Words.Rule(c.Counter),
                c.Counter.Packets.ToString(CultureInfo.InvariantCulture),
                c.Counter.Bytes.ToString(CultureInfo.InvariantCulture),
            }));
    }
}
