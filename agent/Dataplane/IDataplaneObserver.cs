using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Dataplane;

/// <summary>Is told what the dataplane does, for the log and for telemetry. Called on the reconcile loop's thread: it must not wait.</summary>
public interface IDataplaneObserver
{
    /// <summary>A change was made, or refused.</summary>
    void Changed(ChangeReport report, ChangeOptions options, ConfigEdit edit);

    /// <summary>The agent went on from where a former life had stopped.</summary>
    void Resumed(Resumption resumption);

    /// <summary>An owned object was not as desired; said once for as long as it stays the same.</summary>
    void Drifted(Drift drift);

    /// <summary>A problem was found, or is gone.</summary>
    void Found(Finding finding);

    /// <summary>A port's device came, went or moved.</summary>
    /// <param name="before">Where it was.</param>
    /// <param name="now">Where it is.</param>
    /// <param name="followed">Until its rules had followed and were read back; null if there was nothing to do, or it could not be done.</param>
    void PortMoved(PortDesign before, PortDesign now, TimeSpan? followed);

    /// <summary>Kernel reports were lost, and everything was read anew.</summary>
    void ReadAnew(int links, TimeSpan duration);

    /// <summary>The kernel could not be read or written.</summary>
    void KernelFailed(Failure failure);

    /// <summary>The state folder could not be written, or has what cannot be read.</summary>
    void JournalFailed(Failure failure);
}

/// <summary>How an agent that was started again went on.</summary>
/// <param name="Generation">In force from now on.</param>
/// <param name="Interrupted">The generation that had been begun and of which nobody knew how far it had come; null if none.</param>
/// <param name="IsFinished">Whether that one is in force now; otherwise the one before it is.</param>
/// <param name="Steps">How many writes to the kernel it took.</param>
/// <param name="Duration">How long it took.</param>
public sealed record Resumption(ulong Generation, ulong? Interrupted, bool IsFinished, int Steps, TimeSpan Duration);
