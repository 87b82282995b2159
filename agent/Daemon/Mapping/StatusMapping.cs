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

            // This version heals what it is asked to by Apply or Resync, and nothing by itself.
            Mode = OperatingMode.Observe,
        };
        foreach (var degradation in status.Degradations)
        {
            message.Degradations.Add(new Degradation
            {
                Reason = degradation.Reason == Core.Model.DegradedReason.UndoIncomplete ? DegradedReason.UndoIncomplete : DegradedReason.KernelUnreadable,
                Failure = FailureMapping.ToMessage(degradation.Failure),
                Since = Timestamp.FromDateTimeOffset(degradation.Since),
            });
        }

        return message;
    }
}
