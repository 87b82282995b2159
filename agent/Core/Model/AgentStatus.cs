namespace Cloudbr.Agent.Core.Model;

/// <summary>The short answer about the agent; of several that hold, the last one counts.</summary>
public enum AgentState
{
    Serving,
    Applying,
    Drifted,
    Degraded,
}

/// <summary>How the agent is. Generation 0 is the state of an agent that nobody has told anything yet.</summary>
public sealed record AgentStatus(AgentState State, ulong Generation, ulong Term);
