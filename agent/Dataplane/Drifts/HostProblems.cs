using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model.Filtering;

namespace Cloudbr.Agent.Dataplane.Drifts;

/// <summary>
/// Problems of the host that no plan mends: looked for at the start, with each audit, and when a change wants something else of the
/// packet filter. Each is told when it comes and when it goes.
/// </summary>
internal sealed class HostProblems(DataplaneSetup setup)
{
    private ImmutableHashSet<string> _open = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private FilterUse _looked;

    public DataplaneView Look(DataplaneView view)
    {
        _looked = FilterUse.Of(view.Desired.Config);
        var (found, findings) = (setup.FindProblems(_looked), view.Findings);
        foreach (var finding in found)
        {
            var isNew = !_open.Contains(finding.Id) || !findings.ContainsKey(finding.Id);
            findings = findings.SetItem(finding.Id, isNew ? finding : finding with { FirstSeen = findings[finding.Id].FirstSeen, TimesSeen = findings[finding.Id].TimesSeen + 1 });
            if (isNew)
            {
                setup.Observer.Found(finding);
            }
        }

        var ids = found.Select(f => f.Id).ToImmutableHashSet(StringComparer.Ordinal);
        foreach (var gone in _open.Except(ids).Where(findings.ContainsKey))
        {
            setup.Observer.Found(findings[gone] with { IsOpen = false, LastSeen = setup.Time.GetUtcNow() });
            findings = findings.Remove(gone);
        }

        _open = ids;
        return view with { Findings = findings };
    }

    /// <summary>After a change: looks only if it wants something else of the packet filter than what was looked for.</summary>
    public DataplaneView Follow(DataplaneView before, DataplaneView now)
    {
        var (was, config) = (before.Desired.Config, now.Desired.Config);
        var isSame = ReferenceEquals(was.Networks, config.Networks) && ReferenceEquals(was.HostAccess, config.HostAccess);
        return isSame || FilterUse.Of(config) == _looked ? now : Look(now);
    }
}
