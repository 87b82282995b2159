using Cloudbr.Agent.Core.Model;

namespace Cloudbr.Agent.Telemetry.Heartbeat;

/// <summary>This run of the agent: what tells it from the one before, and how it is doing.</summary>
public sealed class AgentRun(string bootId, Func<AgentStatus> status, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public string InstanceId { get; } = Guid.NewGuid().ToString();

    public TimeProvider Time => time;

    public AgentStatus Status => status();

    public HeartbeatReading Heartbeat(ulong sequence, TimeSpan interval) =>
        new(sequence, bootId, InstanceId, Moment.Now(time), time.GetElapsedTime(_started), status(), interval);
}
