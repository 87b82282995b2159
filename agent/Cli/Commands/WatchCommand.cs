using System.CommandLine;
using Cloudbr.Agent.Cli.Output;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Commands;

/// <summary>What happens on this host, as it happens.</summary>
internal static class WatchCommand
{
    public static Command Create(CommandRunner runner)
    {
        var topics = new Option<string[]>("--topic")
        {
            Description = "What to show; may be repeated. Everything unless given", HelpName = "TOPIC", Arity = ArgumentArity.OneOrMore,
        };
        topics.AcceptOnlyFromAmong([.. TopicNames.Keys]);
        var interval = new Option<double?>("--interval") { Description = "How often sampled topics come", HelpName = "SECONDS" };
        var count = new Option<int?>("--count") { Description = "Stop after so many events", HelpName = "N" };
        interval.Validators.Add(result =>
        {
            // The agent knows what it can do; this is only about what is a time at all.
            if (result.GetValueOrDefault<double?>() is not (> 0 and <= 86_400))
            {
                result.AddError("--interval is more than 0 and at most 86400 seconds.");
            }
        });
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is not > 0)
            {
                result.AddError("--count is 1 or more.");
            }
        });
        var command = new Command("watch", "Show what happens on this host, as it happens") { topics, interval, count };
        runner.SetAction(command, context =>
        {
            var asked = context.Arguments.GetValue(topics) is { Length: > 0 } named ? named : [.. TopicNames.Keys];
            var every = context.Arguments.GetValue(interval) is { } seconds ? Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)) : null;
            var request = new WatchRequest();
            request.Subscriptions.Add(asked.Distinct().Select(t => new Subscription { Topic = TopicNames[t], Interval = every }));
            return WatchAsync(context, request, context.Arguments.GetValue(count) ?? int.MaxValue);
        });
        return command;
    }

    private static SortedDictionary<string, Topic> TopicNames { get; } = new(
        System.Enum.GetValues<Topic>().Where(t => t != Topic.Unspecified).ToDictionary(NameOf, t => t), StringComparer.Ordinal);

    /// <summary>NicHealth is typed nic-health.</summary>
    private static string NameOf(Topic topic) =>
        string.Concat(topic.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static async Task<int> WatchAsync(CommandContext context, WatchRequest request, int count)
    {
        using var call = new V1.Telemetry.TelemetryClient(context.Calls).Watch(request, cancellationToken: context.Cancellation);
        await foreach (var response in call.ResponseStream.ReadAllAsync(context.Cancellation))
        {
            context.Printer.Print(response.Event, p => p.Line(EventLine.Of(response.Event)));
            if (--count <= 0)
            {
                break;
            }
        }

        return ExitCode.Success;
    }
}
