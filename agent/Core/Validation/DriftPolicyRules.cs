using System.Globalization;
using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What may be done about drift, and how often.</summary>
public static class DriftPolicyRules
{
    private const uint MostHeals = 600;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostInterval = TimeSpan.FromDays(1);

    public static void Check(DriftPolicy policy, FieldPath path, Violations violations)
    {
        if (policy.AuditInterval < LeastInterval || policy.AuditInterval > MostInterval)
        {
            violations.Add(
                $"{path}.audit_interval",
                string.Create(CultureInfo.InvariantCulture, $"{policy.AuditInterval.TotalSeconds} s is not between 5 s and 1 day"));
        }

        violations.CheckRange(policy.MaxHealsPerMinute, 1, MostHeals, path, "max_heals_per_minute");
    }
}
