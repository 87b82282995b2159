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
            new SubscriptionWish((int)s.Topic, Durations.ToModel(s.Interval, $"subscriptions[{i}].interval", violations), [.. s.Only])),
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
}
