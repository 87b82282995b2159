using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Design;

namespace Cloudbr.Agent.Dataplane;

/// <summary>The host's network as the services see it: one door for changes, and a view to look at.</summary>
public interface IDataplane
{
    /// <summary>The latest view. It never changes; ask again for a newer one.</summary>
    DataplaneView View { get; }

    /// <summary>There is a newer view. Raised on the reconcile loop's thread: whoever hears it must not wait, nor throw.</summary>
    event Action? Published;

    /// <summary>
    /// Makes a change, or with DryRun plans it. What the host or the kernel refuses is in the report; it does not throw for that.
    /// Cancelling gives up waiting for the turn; a change that has begun is finished.
    /// </summary>
    Task<ChangeResult> ChangeAsync(ChangeOptions options, ConfigEdit edit, CancellationToken cancellationToken);

    /// <summary>What is behind each of these labels now, in the same order.</summary>
    IReadOnlyList<PhysicalCheck> Check(IReadOnlyList<PhysicalNetwork> asked);

    /// <summary>All forwarding entries of all devices, learned ones too, read from the kernel now.</summary>
    Task<IReadOnlyList<ForwardingEntry>> ReadForwardingAsync(CancellationToken cancellationToken);
}

/// <summary>What came of a change, and the desired state to realise it from; for a dry run the one that would be.</summary>
public sealed record ChangeResult(ChangeReport Report, Desired Desired);
