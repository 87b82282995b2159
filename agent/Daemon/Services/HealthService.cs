using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>
/// The standard health service: whether the agent, or one of its services, serves. HostNetwork does not while changes cannot be
/// made; it still answers questions, and takes the request that ends that state. The others and the agent as a whole serve until
/// it stops: a host that cannot be changed must not look like one that is dead.
/// </summary>
internal sealed class HealthService(StatusWatch status) : Health.HealthBase
{
    /// <summary>"" stands for the agent as a whole.</summary>
    private static readonly string[] Known =
        ["", V1.HostNetwork.Descriptor.FullName, V1.Telemetry.Descriptor.FullName, V1.Diagnostics.Descriptor.FullName];

    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on NOT_SERVING, and who watches is told.</summary>
    public void Stop() => _stopping.TrySetResult();

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => IsKnown(request)
        ? Task.FromResult(new HealthCheckResponse { Status = Now(request.Service).Status })
        : throw Refusal.NoSuchService(request.Service);

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var all = new HealthListResponse();
        foreach (var service in Known)
        {
            all.Statuses[service] = new HealthCheckResponse { Status = Now(service).Status };
        }

        return Task.FromResult(all);
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ServingStatus? told = null;
        while (true)
        {
            var isStopping = _stopping.Task.IsCompleted;

            // The protocol wants an unknown service watched too, for it may come; here none comes while the agent runs.
            var (now, turned) = IsKnown(request) ? Now(request.Service) : (ServingStatus.ServiceUnknown, _stopping.Task);
            if (now != told)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = now });
                told = now;
            }

            if (isStopping)
            {
                throw Refusal.Stopping();
            }

            await Task.WhenAny(turned, _stopping.Task).WaitAsync(context.CancellationToken);
        }
    }

    private static bool IsKnown(HealthCheckRequest request) => Array.IndexOf(Known, request.Service) >= 0;

    /// <summary>How it is, and what ends when it may be otherwise.</summary>
    private (ServingStatus Status, Task Turned) Now(string service)
    {
        var (canChange, turned) = service == V1.HostNetwork.Descriptor.FullName ? status.Now : (true, _stopping.Task);
        return (canChange && !_stopping.Task.IsCompleted ? ServingStatus.Serving : ServingStatus.NotServing, turned);
    }
}
