using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>The standard health service: whether the agent, or one of its services, serves.</summary>
internal sealed class HealthService : Health.HealthBase
{
    /// <summary>"" stands for the agent as a whole.</summary>
    private static readonly string[] Known =
        ["", V1.HostNetwork.Descriptor.FullName, V1.Telemetry.Descriptor.FullName, V1.Diagnostics.Descriptor.FullName];

    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on NOT_SERVING, and who watches is told.</summary>
    public void Stop() => _stopping.TrySetResult();

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => IsKnown(request)
        ? Task.FromResult(new HealthCheckResponse { Status = Now() })
        : throw Refusal.NoSuchService(request.Service);

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var all = new HealthListResponse();
        foreach (var service in Known)
        {
            all.Statuses[service] = new HealthCheckResponse { Status = Now() };
        }

        return Task.FromResult(all);
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // The protocol wants an unknown service watched too, for it may come; here none comes while the agent runs.
        var first = IsKnown(request) ? Now() : ServingStatus.ServiceUnknown;
        await responseStream.WriteAsync(new HealthCheckResponse { Status = first });
        await _stopping.Task.WaitAsync(context.CancellationToken);
        if (first == ServingStatus.Serving)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing });
        }

        throw Refusal.Stopping();
    }

    private static bool IsKnown(HealthCheckRequest request) => Array.IndexOf(Known, request.Service) >= 0;

    private ServingStatus Now() => _stopping.Task.IsCompleted ? ServingStatus.NotServing : ServingStatus.Serving;
}
