using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class StatusMapping
{
    public static AgentStatus ToMessage(Core.Model.AgentStatus status)
    {
        var message = new AgentStatus
        {
            State = status.State switch
            {
                Core.Model.AgentState.Serving => AgentState.Serving,
                Core.Model.AgentState.Applying => AgentState.Applying,
                Core.Model.AgentState.Drifted => AgentState.Drifted,
                _ => AgentState.Degraded,
            },
            Generation = status.Generation,
            Term = status.Term,
            Mode = status.Mode switch
            {
                Core.Model.OperatingMode.Heal => OperatingMode.Heal,
                Core.Model.OperatingMode.Observe => OperatingMode.Observe,
                _ => OperatingMode.ObserveOnly,
            },
            DriftedObjects = (uint)status.DriftedObjects,
            PendingConfirm = status.Pending is { } pending
                ? new PendingConfirm
                {
                    Generation = pending.Generation,
                    FallbackGeneration = pending.Fallback,
                    ConfirmBefore = Timestamp.FromDateTimeOffset(pending.ConfirmBefore),
                }
                : null,
        };
        foreach (var degradation in status.Degradations)
        {
            message.Degradations.Add(new Degradation
            {
                Reason = ToMessage(degradation.Reason),
                Failure = FailureMapping.ToMessage(degradation.Failure),
                Since = Timestamp.FromDateTimeOffset(degradation.Since),
            });
        }

        return message;
    }

    private static DegradedReason ToMessage(Core.Model.DegradedReason reason) => reason switch
    {
        Core.Model.DegradedReason.JournalDamaged => DegradedReason.JournalDamaged,
        Core.Model.DegradedReason.JournalUnreadable => DegradedReason.JournalUnreadable,
        Core.Model.DegradedReason.StateNotWritable => DegradedReason.StateNotWritable,
        Core.Model.DegradedReason.UndoIncomplete => DegradedReason.UndoIncomplete,
        Core.Model.DegradedReason.HealFailed => DegradedReason.HealFailed,
        _ => DegradedReason.KernelUnreadable,
    };
}
