using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;
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
        context.Printer.Print(heartbeat, p =>
        {
            p.Line($"state       {Words.Of(heartbeat.Status)} (health {Words.Of(health.Status)})");
            p.Line($"generation  {heartbeat.Generation}");
            p.Line($"up          {Words.Of(heartbeat.Uptime)}, run {heartbeat.InstanceId}");
            p.Line($"boot        {heartbeat.BootId}");
            foreach (var degradation in heartbeat.Status?.Degradations ?? [])
            {
                p.Line($"degraded    {degradation.Failure?.Message} {degradation.Failure?.Remedy}".TrimEnd());
            }
        });
        return serving ? ExitCode.Success : ExitCode.Refused;
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
