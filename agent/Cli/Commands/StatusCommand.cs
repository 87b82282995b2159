using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;
using Google.Protobuf.Collections;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>Is the agent well? Exit code 0 says yes.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("status", "Say how the agent is; exit code 0 if it serves");
        runner.SetAction(command, RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var health = await new Health.HealthClient(context.Calls).CheckAsync(new HealthCheckRequest(), context.Briefly);
        var heartbeat = await FirstHeartbeatAsync(context);
        var serving = health.Status == ServingStatus.Serving && heartbeat.Status?.State != AgentState.Degraded;
        var state = context.Printer.IsText ? await StateAsync(context) : new HostState();
        context.Printer.Print(heartbeat, p => Show(p, heartbeat, health.Status, state));
        return serving ? ExitCode.Success : ExitCode.Refused;
    }

    private static void Show(Printer printer, Heartbeat heartbeat, ServingStatus health, HostState state)
    {
        printer.Line($"state       {Words.Of(heartbeat.Status)} (health {Words.Of(health)})");
        printer.Line($"generation  {heartbeat.Generation}");
        printer.Line($"up          {Words.Of(heartbeat.Uptime)}, run {heartbeat.InstanceId}");
        printer.Line($"boot        {heartbeat.BootId}");
        printer.Line($"mode        {Words.Of(heartbeat.Status?.Mode)}");
        if (state.Ports.Count > 0)
        {
            printer.Line($"ports       {Count(state.Ports)}");
        }

        if (heartbeat.Status is not { } status)
        {
            return;
        }

        if (status.PendingConfirm is { } pending)
        {
            printer.Line(
                $"confirm     generation {pending.Generation} until {Words.Of(pending.ConfirmBefore)}, or generation {pending.FallbackGeneration} comes back");
        }

        if (status.DriftedObjects > 0)
        {
            printer.Line($"drifted     {status.DriftedObjects} {(status.DriftedObjects == 1 ? "object is" : "objects are")} not as desired");
        }

        foreach (var degradation in status.Degradations)
        {
            printer.Line($"degraded    {degradation.Failure?.Message} {degradation.Failure?.Remedy}".TrimEnd().ReplaceLineEndings(" "));
        }

        foreach (var finding in state.Findings.Where(f => f.State != FindingState.Cleared).OrderByDescending(f => f.Severity))
        {
            printer.Line($"finding     {FindingLine.Of(finding)}");
        }
    }

    /// <summary>"12: 10 attached, 2 waiting"; what needs somebody's eyes stands out.</summary>
    private static string Count(RepeatedField<PortState> ports)
    {
        var presences = ports.CountBy(p => p.Realisation.Presence).OrderByDescending(c => c.Value).Select(c => $"{c.Value} {Words.Of(c.Key)}");
        var open = ports.Count(p => p is { HasFiltered: true, Filtered: false });
        return $"{ports.Count}: {string.Join(", ", presences)}{(open == 0 ? "" : $", {open} NOT FILTERED")}";
    }

    private static async Task<HostState> StateAsync(CommandContext context)
    {
        var response = await new HostNetwork.HostNetworkClient(context.Calls).GetStateAsync(new GetStateRequest(), context.Briefly);
        return response.State ?? new HostState();
    }

    private static async Task<Heartbeat> FirstHeartbeatAsync(CommandContext context)
    {
        var request = new WatchRequest { Subscriptions = { new Subscription { Topic = Topic.Heartbeat } } };
        using var call = new V1.Telemetry.TelemetryClient(context.Calls).Watch(request, context.Briefly);
        await foreach (var response in call.ResponseStream.ReadAllAsync(context.Cancellation))
        {
            if (response.Event.PayloadCase == Event.PayloadOneofCase.Heartbeat)
            {
                return response.Event.Heartbeat;
            }
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "the stream ended without a heartbeat"));
    }
}
