using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Telemetry.Hub;
using Cloudbr.Agent.V1;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Streams what happens on this host.</summary>
internal sealed class TelemetryService(TelemetryHub hub) : V1.Telemetry.TelemetryBase
{
    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var violations = new Violations();
        var subscriptions = SubscriptionRules.Resolve(SubscriptionMapping.ToWishes(request, violations), TelemetryHub.Sent, violations);
        if (violations.Any)
        {
            throw Refusal.InvalidArgument(violations.Found);
        }

        using var subscriber = hub.Open(subscriptions, SubscriptionMapping.ToResumePoint(request));
        await foreach (var happened in subscriber.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(EventMapping.ToMessage(happened), context.CancellationToken);
        }

        throw Refusal.Stopping();
    }
}
