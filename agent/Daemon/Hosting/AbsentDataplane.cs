using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Hosting;

/// <summary>Stands where no dataplane is: knows nothing, changes nothing, and says so.</summary>
internal sealed class AbsentDataplane : IDataplane
{
    public DataplaneView View { get; } =
        new() { Desired = Desired.Nothing, State = HostState.Empty, Providers = [], AsOf = DateTimeOffset.UtcNow };

    public Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken) => Task.FromResult(
        new ChangeResult(
            new ChangeReport
            {
                RequestId = options.RequestId,
                Outcome = ChangeOutcome.FailedUndone,
                Generation = 0,
                PreviousGeneration = 0,
                AcceptedAt = DateTimeOffset.UtcNow,
                Failures =
                [
                    new Failure
                    {
                        Operation = "plan",
                        Subject = new ObjectRef(ObjectKind.Host),
                        Reason = "NO_DATAPLANE",
                        Message = "this agent has no dataplane, and changes nothing",
                    },
                ],
            },
            Desired.Nothing));

    public IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked) =>
    [
        .. asked.Select(p => new PhysicalCheck
        {
            Label = p.Label,
            Result = PhysicalCheckResult.Unknown,
            Message = "this agent has no dataplane, and does not look at the host",
        }),
    ];

    public Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ForwardingEntry>>([]);
}
