using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Testing.Fakes;

/// <summary>Hears everything and says nothing; a test overrides what it is about.</summary>
public class SilentObserver : IDataplaneObserver
{
    public virtual void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit)
    {
    }

    public virtual void Resumed(Resumption resumption)
    {
    }

    public virtual void Drifted(Drift drift)
    {
    }

    public virtual void Found(Finding finding)
    {
    }

    public virtual void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed)
    {
    }

    public virtual void ReadAnew(int links, TimeSpan duration)
    {
    }

    public virtual void KernelFailed(Failure failure)
    {
    }

    public virtual void JournalFailed(Failure failure)
    {
    }
}
