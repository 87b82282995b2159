using System.Diagnostics;
using Cloudbr.Agent.Daemon.Connections;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.V1;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Services;

/// <summary>Changes. Each is read and checked here, made by the dataplane, and answered with what that read back.</summary>
internal sealed partial class HostNetworkService
{
    public override async Task<ImplementResponse> Implement(ImplementRequest request, ServerCallContext context)
    {
        var (report, result) = await ChangeAsync(() => IntentReader.Read(request, dataplane.View), context);
        var id = request.Network.Id;
        return new ImplementResponse
        {
            Report = report,
            Realisation = result.Desired.Networks.TryGetValue(id, out var design)
                ? RealisationMapping.ToMessage(design, RealisationMapping.Adopted(result.Report).Contains(id))
                : null,
        };
    }

    public override async Task<ShutdownResponse> Shutdown(ShutdownRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request), context)).Report };

    public override async Task<PrepareResponse> Prepare(PrepareRequest request, ServerCallContext context)
    {
        var (report, result) = await ChangeAsync(() => IntentReader.Read(request, dataplane.View), context);
        return new PrepareResponse
        {
            Report = report,
            Realisation = result.Desired.Ports.TryGetValue(request.Port.NicId, out var design) ? RealisationMapping.ToMessage(design) : null,
        };
    }

    public override async Task<ReleaseResponse> Release(ReleaseRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request), context)).Report };

    public override async Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context)
    {
        var (report, result) = await ChangeAsync(() => IntentReader.Read(request, dataplane.View), context);
        var response = new ApplyResponse { Report = report };
        response.Networks.Add(RealisationMapping.ToMessages(result.Desired.Networks, result.Report));
        response.Ports.Add(RealisationMapping.ToMessages(result.Desired.Ports));
        return response;
    }

    public override async Task<PlanResponse> Plan(PlanRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request, dataplane.View, history), context)).Report };

    public override async Task<ConfirmResponse> Confirm(ConfirmRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request), context)).Report };

    public override async Task<RollbackResponse> Rollback(RollbackRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request, dataplane.View, history), context)).Report };

    public override async Task<ResyncResponse> Resync(ResyncRequest request, ServerCallContext context) =>
        new() { Report = (await ChangeAsync(() => IntentReader.Read(request), context)).Report };

    /// <summary>Makes the change, and throws the refusal of one that failed.</summary>
    private async Task<(V1.ChangeReport Report, ChangeResult Result)> ChangeAsync(Func<Intent> read, ServerCallContext context)
    {
        var began = Stopwatch.GetTimestamp();
        var intent = read();
        var validated = Stopwatch.GetElapsedTime(began);
        var options = intent.Options with { Caller = context.GetCaller(), Method = MethodNames.Short(context.Method) };
        ChangeResult result;
        try
        {
            result = await dataplane.ChangeAsync(options, intent.Edit, context.CancellationToken);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw Refusal.Stopping();
        }

        Decision.Note(context, result.Report);
        var report = result.Report with
        {
            Failures = intent.Locate(result.Report.Failures),
            Stages = [new Core.Model.Changes.StageDuration(Core.Model.Changes.ChangeStage.Validate, validated), .. result.Report.Stages],
        };
        var message = ChangeReportMapping.ToMessage(report);
        return report.Succeeded ? (message, result) : throw Refusal.Failed(report.Failures, message);
    }
}
