using Cloudbr.Agent.V1;

namespace Cloudbr.Agent.Daemon.Mapping;

internal static class StatusMapping
{
    public static AgentStatus ToMessage(Core.Model.AgentStatus status) => new()
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
        Mode = OperatingMode.Heal,
    };
}
