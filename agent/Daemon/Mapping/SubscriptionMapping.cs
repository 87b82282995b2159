using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Subscription = Cloudbr.Agent.Telemetry.Hub.Subscription;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class SubscriptionMapping
{
    public static IReadOnlyList<SubscriptionWish> ToWishes(WatchRequest request, Violations violations) =>
    [
        .. request.Subscriptions.Select((s, i) =>
            new SubscriptionWish((int)s.Topic, ToTimeSpan(s.Interval, $"subscriptions[{i}].interval", violations), [.. s.Only])),
    ];

    public static ResumePoint? ToResumePoint(WatchRequest request) =>
        request.HasResumeAfter ? new ResumePoint(request.ResumeAfter, request.ResumeInstanceId) : null;

    public static V1.Subscription ToMessage(Subscription subscription)
    {
        var message = new V1.Subscription
        {
            Topic = (V1.Topic)subscription.Topic,
            Interval = subscription.Interval is { } interval ? Duration.FromTimeSpan(interval) : null,
        };
        message.Only.Add(subscription.Only);
        return message;
    }

    /// <summary>A duration can be sent that none is: seconds out of range, or nanoseconds of the other sign.</summary>
    private static TimeSpan? ToTimeSpan(Duration? duration, string path, Violations violations)
    {
        try
        {
            return duration?.ToTimeSpan();
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            violations.Add(path, $"{duration!.Seconds} s and {duration.Nanos} ns make no duration");
            return null;
        }
    }
}
