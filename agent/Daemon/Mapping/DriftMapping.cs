using Cloudbr.Agent.Core.Model.Drifts;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class DriftMapping
{
    public static V1.Drift ToMessage(Drift drift)
    {
        var message = new V1.Drift
        {
            Object = FailureMapping.ToMessage(drift.Subject),
            Kind = drift.Kind switch
            {
                DriftKind.Changed => V1.DriftKind.Changed,
                DriftKind.Removed => V1.DriftKind.Removed,
                _ => V1.DriftKind.Unexpected,
            },
            Handling = drift.Handling switch
            {
                DriftHandling.Healed => V1.DriftHandling.Healed,
                DriftHandling.Observed => V1.DriftHandling.Observed,
                DriftHandling.BackedOff => V1.DriftHandling.BackedOff,
                _ => V1.DriftHandling.Failed,
            },
            Failure = drift.Failure is { } failure ? FailureMapping.ToMessage(failure) : null,
            NoticedAt = Timestamp.FromDateTimeOffset(drift.NoticedAt),
            HealDuration = drift.HealDuration is { } duration ? Duration.FromTimeSpan(duration) : null,
            Source = drift.Source switch
            {
                DriftSource.KernelEvent => V1.DriftSource.KernelEvent,
                DriftSource.Audit => V1.DriftSource.Audit,
                DriftSource.Resync => V1.DriftSource.Resync,
                _ => V1.DriftSource.Start,
            },
            LikelyCause = drift.LikelyCause,
        };
        message.Attributes.Add(drift.Attributes.Select(ChangeReportMapping.ToMessage));
        return message;
    }
}
