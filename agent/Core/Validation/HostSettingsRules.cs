using Cloudbr.Agent.Core.Model.Config;

namespace Cloudbr.Agent.Core.Validation;

/// <summary>What kernel settings may be.</summary>
public static class HostSettingsRules
{
    private const uint MostNeighbours = 1_048_576;

    public static void Check(HostSettings settings, FieldPath path, Violations violations)
    {
        violations.CheckRange(settings.IgmpMaxMemberships, 1, 65_535, path, "igmp_max_memberships");
        CheckNeighbours(settings.Ipv4Neighbours, new FieldPath($"{path}.ipv4_neighbours"), violations);
        CheckNeighbours(settings.Ipv6Neighbours, new FieldPath($"{path}.ipv6_neighbours"), violations);
    }

    private static void CheckNeighbours(NeighbourThresholds? thresholds, FieldPath path, Violations violations)
    {
        if (thresholds is not var (first, second, third))
        {
            return;
        }

        violations.CheckRange(first, 0, MostNeighbours, path, "gc_thresh1");
        violations.CheckRange(second, 0, MostNeighbours, path, "gc_thresh2");
        violations.CheckRange(third, 1, MostNeighbours, path, "gc_thresh3");
        CheckOrder(first, second, "gc_thresh1", "gc_thresh2", path, violations);
        CheckOrder(second, third, "gc_thresh2", "gc_thresh3", path, violations);
        if (second is null)
        {
            CheckOrder(first, third, "gc_thresh1", "gc_thresh3", path, violations);
        }
    }

    private static void CheckOrder(int? lower, int? upper, string lowerField, string upperField, FieldPath path, Violations violations)
    {
        if (lower is { } low && upper is { } high && (uint)low > (uint)high)
        {
            violations.Add($"{path}.{lowerField}", $"{RangeRules.Text(low)} is more than {upperField}, which is {RangeRules.Text(high)}");
        }
    }
}
