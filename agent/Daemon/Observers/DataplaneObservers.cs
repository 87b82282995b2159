using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Observers;

/// <summary>Tells each of several what the dataplane does, in this order.</summary>
internal sealed class DataplaneObservers(params IReadOnlyList<IDataplaneObserver> observers) : IDataplaneObserver
{
    public void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit) => Tell(o => o.Changed(report, options, edit));

    public void Resumed(Resumption resumption) => Tell(o => o.Resumed(resumption));

    public void Drifted(Drift drift) => Tell(o => o.Drifted(drift));

    public void Found(Finding finding) => Tell(o => o.Found(finding));

    public void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed) => Tell(o => o.PortMoved(before, now, followed));

    public void ReadAnew(int links, TimeSpan duration) => Tell(o => o.ReadAnew(links, duration));

    public void KernelFailed(Failure failure) => Tell(o => o.KernelFailed(failure));

    public void JournalFailed(Failure failure) => Tell(o => o.JournalFailed(failure));

    private void Tell(Action<IDataplaneObserver> what)
    {
        foreach (var observer in observers)
        {
            what(observer);
        }
    }
}
