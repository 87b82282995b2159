using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>Who may be let to the host's own services.</summary>
public static class HostAccessRules
{
    private const int MostCidrs = 4096;

    public static void Check(HostAccess access, FieldPath path, Violations violations)
    {
        violations.CheckPrefixes(access.ManagementCidrs.AsSpan(), MostCidrs, path, "management_cidrs");
        violations.CheckPrefixes(access.PeerCidrs.AsSpan(), MostCidrs, path, "peer_cidrs");
    }
}
