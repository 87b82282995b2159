using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Telemetry.Heartbeat;
using Cloudbr.Agent.Telemetry.Hub;

namespace Cloudbr.Agent.Telemetry.Tests;

/// <summary>A hub whose time a test moves.</summary>
internal sealed class TestHub
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Far more than anything here takes: it only ends a test that would wait for ever.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public TestHub(Retention? retention = null)
    {
        Run = new AgentRun("boot", () => Status, Time);
        Hub = new TelemetryHub(Run, retention);
    }

    public ManualTime Time { get; } = new();

    public AgentStatus Status { get; set; } = new(AgentState.Serving, 0, 0);

    public AgentRun Run { get; }

    public TelemetryHub Hub { get; }

    /// <summary>Everything that is retained.</summary>
    public static Subscription[] Retained { get; } = [new(Topic.Drift, null, []), new(Topic.Finding, null, []), new(Topic.Port, null, []), new(Topic.Change, null, [])];

    public static Subscription Heartbeats(TimeSpan interval) => new(Topic.Heartbeat, interval, []);

    public Subscriber Open(TimeSpan? interval = null, int capacity = 1024) => Hub.Open([Heartbeats(interval ?? Second)], queueCapacity: capacity);

    /// <summary>Closes the hub and reads what a stream still has.</summary>
    public async Task<IReadOnlyList<TelemetryEvent>> CloseAndReadAsync(Subscriber stream)
    {
        Hub.Close();
        return await ReadAsync(stream);
    }

    /// <summary>Reads a stream that ends, or its first events.</summary>
    public static async Task<IReadOnlyList<TelemetryEvent>> ReadAsync(Subscriber stream, int most = int.MaxValue)
    {
        var events = new List<TelemetryEvent>();
        await foreach (var happened in stream.ReadAllAsync(CancellationToken.None))
        {
            events.Add(happened);
            if (events.Count == most)
            {
                break;
            }
        }

        return events;
    }

    public static IEnumerable<HeartbeatReading> HeartbeatsIn(IEnumerable<TelemetryEvent> events) =>
        events.Select(e => e.Payload).OfType<HeartbeatEvent>().Select(h => h.Heartbeat);
}
