using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Daemon.Observers;

/// <summary>
/// What streams are told of what the dataplane does. A dry run is none of it, for it does nothing. What failed is in the status that every
/// heartbeat carries.
/// </summary>
internal sealed class DataplaneEvents(TelemetryHub hub) : IDataplaneObserver
{
    public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit)
    {
        if (!options.DryRun)
        {
            hub.Publish(report, Named(edit));
        }
    }

    public void Drifted(Drift drift) => hub.Publish(drift);

    public void Found(Finding finding) => hub.Publish(finding);

    public void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed) => hub.Publish(before, now, followed);

    public void ReadAnew(int links, TimeSpan duration) => hub.PublishKernelOverrun();

    public void Resumed(Resumption resumption)
    {
        // Another instance id says that the agent was started again; what it then finished or healed is told as such.
    }

    public void KernelFailed(Failure failure)
    {
    }

    public void JournalFailed(Failure failure)
    {
    }

    /// <summary>What a request is about although no step of it says so, for there may be none.</summary>
    private static string[] Named(ConfigEdit edit) => edit switch
    {
        PutNetwork put => [put.Network.Id, put.Network.PhysicalNetwork],
        RemoveNetwork remove => [remove.Id],
        PutPort put => [put.Port.NicId, put.Port.Network],
        RemovePort remove => [remove.NicId],
        _ => [],
    };
}
