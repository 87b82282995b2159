using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;

namespace Cloudbr.Agent.Dataplane;

/// <summary>Is told what the dataplane does, for the journal. Called on the reconcile loop's thread: it must not wait.</summary>
public interface IDataplaneObserver
{
    /// <summary>A change was made, or refused.</summary>
    void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit);

    /// <summary>Kernel reports were lost, and everything was read anew.</summary>
    void ReadAnew(int links, TimeSpan duration);

    /// <summary>The kernel could not be read or written.</summary>
    void KernelFailed(Failure failure);
}
