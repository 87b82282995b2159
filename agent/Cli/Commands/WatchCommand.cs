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
            Description = $"What to show; may be repeated. Everything unless given. One of: {string.Join(", ", TopicNames.Keys)}",
            HelpName = "TOPIC",
        };
        topics.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => !TopicNames.ContainsKey(t.Value)))
            {
                result.AddError($"--topic is '{token.Value}'; choose one of {string.Join(", ", TopicNames.Keys)}.");
            }
        });
        var interval = new Option<TimeSpan?>("--interval")
        {
            Description = "How often sampled topics come",
            HelpName = "SECONDS",
            CustomParser = Parsing.Seconds,
        };
        var count = new Option<int?>("--count") { Description = "Stop after so many events", HelpName = "N", CustomParser = Parsing.Count };
        var command = new Command("watch", "Show what happens on this host, as it happens; Ctrl-C ends it") { topics, interval, count };
        command.Validators.Add(result =>
        {
            if (result.GetResult(interval) is not null && result.GetResult(topics) is null)
            {
                result.AddError("--interval goes with --topic: it is the interval of the topics that are named.");
            }
        });
        runner.SetAction(command, context => WatchAsync(
            context,
            Request(context.Arguments.GetValue(topics) ?? [], context.Arguments.GetValue(interval)),
            context.Arguments.GetValue(count) ?? int.MaxValue));
        return command;
    }

    private static SortedDictionary<string, Topic> TopicNames { get; } = new(
        System.Enum.GetValues<Topic>().Where(t => t != Topic.Unspecified).ToDictionary(NameOf, t => t), StringComparer.Ordinal);

    /// <summary>NicHealth is typed nic-health.</summary>
    private static string NameOf(Topic topic) =>
        string.Concat(topic.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static WatchRequest Request(string[] asked, TimeSpan? interval)
    {
        var request = new WatchRequest();

        // Without any the agent sends all that it has, which may be other topics than this program knows.
        var every = interval is { } time ? Duration.FromTimeSpan(time) : null;
        request.Subscriptions.Add(asked.Distinct().Select(t => new Subscription { Topic = TopicNames[t], Interval = every }));
        return request;
    }

    private static async Task<int> WatchAsync(CommandContext context, WatchRequest request, int count)
    {
        try
        {
            using var call = new V1.Telemetry.TelemetryClient(context.Calls).Watch(request, cancellationToken: context.Cancellation);
            await foreach (var response in call.ResponseStream.ReadAllAsync(context.Cancellation))
            {
                context.Printer.Print(response.Event, p => p.Line(EventLine.Of(response.Event)));
                if (--count <= 0)
                {
                    return ExitCode.Success;
                }
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && context.Cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a watch ends.
            return ExitCode.Success;
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "the agent ended the stream"));
    }
}
