using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What can this host and this agent do?</summary>
internal static class CapabilitiesCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("capabilities", "Say what this host and this agent can do");
        runner.SetAction(command, async context =>
        {
            var client = new HostNetwork.HostNetworkClient(context.Calls);
            var response = await client.GetCapabilitiesAsync(new GetCapabilitiesRequest(), context.Briefly);
            context.Printer.Print(response.Capabilities, p => Show(p, response.Capabilities));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Printer printer, Capabilities capabilities)
    {
        var (agent, host) = (capabilities.Agent, capabilities.Host);
        printer.Line($"agent   {agent.Version}, contract {string.Join(", ", agent.ApiVersions)}");
        printer.Line($"host    {host.Hostname}, {host.OsName}, kernel {host.KernelRelease} on {host.Architecture}");
        printer.Line("");
        printer.Table(
            ["TOOL", "STATE", "VERSION", "BACKEND", "REASON"],
            capabilities.FirewallTools.Select(t => new[] { t.Name, Words.Of(t.State), t.Version, Words.Of(t.Backend), t.Reason }));
        if (capabilities.Providers.Count > 0)
        {
            printer.Line("");
            printer.Table(
                ["PROVIDER", "STATE", "REASON"],
                capabilities.Providers.Select(p => new[] { p.Name, p.State.ToString().ToLowerInvariant(), p.Reason }));
        }

        printer.Line("");
        printer.Line("methods that this agent does:");
        foreach (var method in capabilities.Methods)
        {
            printer.Line($"  {method}");
        }
    }
}
