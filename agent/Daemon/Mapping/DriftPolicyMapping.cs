using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Validation;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class DriftPolicyMapping
{
    public static DriftPolicy? ToModel(V1.DriftPolicy? policy, string path, RequestErrors errors) => policy is null ? null : new()
    {
        Mode = policy.Mode switch
        {
            V1.DriftMode.Unspecified or V1.DriftMode.Heal => DriftMode.Heal,
            V1.DriftMode.Observe => DriftMode.Observe,
            var other => errors.UnknownValue((int)other, nameof(DriftMode), new FieldPath($"{path}.mode"), DriftMode.Heal),
        },
        AuditInterval = Durations.ToModel(policy.AuditInterval, $"{path}.audit_interval", errors.Wrong) ?? DriftPolicy.Default.AuditInterval,
        MaxHealsPerMinute = Numbers.Chosen(policy.MaxHealsPerMinute) ?? DriftPolicy.Default.MaxHealsPerMinute,
    };

    public static V1.DriftPolicy? ToMessage(DriftPolicy? policy) => policy is null ? null : new()
    {
        Mode = policy.Mode == DriftMode.Observe ? V1.DriftMode.Observe : V1.DriftMode.Heal,
        AuditInterval = Duration.FromTimeSpan(policy.AuditInterval),
        MaxHealsPerMinute = (uint)policy.MaxHealsPerMinute,
    };
}
