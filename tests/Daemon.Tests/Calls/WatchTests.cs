using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Observers;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

internal sealed class WatchTests
{
    [Test]
    public async Task Watch_Heartbeats_OpensAndThenBeatsWithoutHoles()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var events = await ReadAsync(agent, most: 4, Heartbeats(0.1));
        Assert.That(events[0].Opened.Subscriptions.Single(), Is.EqualTo(Heartbeats(0.1)));
        Assert.That(events.Skip(1).Select(e => e.Heartbeat.Sequence), Is.EqualTo(new[] { 1ul, 2ul, 3ul }));
        Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
        Assert.That(events.Select(e => e.MonotonicNs), Is.Ordered.Ascending);
        foreach (var heartbeat in events.Skip(1).Select(e => e.Heartbeat))
        {
            Assert.That(heartbeat.InstanceId, Is.EqualTo(events[0].Opened.InstanceId));
            Assert.That(heartbeat.BootId, Is.EqualTo(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()));
            Assert.That(heartbeat.Status.State, Is.EqualTo(AgentState.Serving));
            Assert.That(heartbeat.Interval, Is.EqualTo(Duration.FromTimeSpan(TimeSpan.FromSeconds(0.1))));
        }
    }

    [Test]
    public async Task Watch_NothingChosen_IsEverythingThatThisVersionSendsAtItsDefault()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var opened = (await ReadAsync(agent, most: 1))[0].Opened;
        Assert.That(
            opened.Subscriptions,
            Is.EqualTo(new[]
            {
                new Subscription { Topic = Topic.Heartbeat, Interval = new Duration { Seconds = 1 } },
                new Subscription { Topic = Topic.Drift },
                new Subscription { Topic = Topic.Finding },
                new Subscription { Topic = Topic.Port },
                new Subscription { Topic = Topic.Change },
            }));
    }

    [Test]
    public async Task Watch_TopicThatThisVersionDoesNotSend_IsRefusedInWords()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await RefusedAsync(agent, Heartbeats(1), new Subscription { Topic = Topic.Path });
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Violations.Single().Field, Is.EqualTo("subscriptions[1].topic"));
        Assert.That(refused.Words, Does.Contain("Path is part of the contract, and this agent does not send it yet"));
    }

    [Test]
    public async Task Watch_ResumedFromAnotherRun_IsToldOfTheRestart()
    {
        await using var agent = await InProcessAgent.StartAsync();
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(
            new WatchRequest { ResumeAfter = 9, ResumeInstanceId = "another", Subscriptions = { Heartbeats(1) } });
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(await call.ResponseStream.MoveNext());
        Assert.That(call.ResponseStream.Current.Event.Gap, Is.EqualTo(new Gap { Cause = GapCause.AgentRestarted }));
    }

    [Test]
    public async Task Watch_ComesBack_GetsWhatWasMissedAndThenWhatIsNew()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var events = new DataplaneEvents(agent.Hub);
        events.Drifted(DriftMappingTests.Sample);
        events.Found(FindingMappingTests.Sample);
        var client = new V1.Telemetry.TelemetryClient(agent.Calls);
        Subscription[] topics = [new() { Topic = Topic.Drift, Only = { "web" } }, new() { Topic = Topic.Finding }];
        using var call = client.Watch(new WatchRequest { ResumeAfter = 1, Subscriptions = { topics } });
        var opened = await NextAsync(call);
        Assert.That((opened.Sequence, opened.Opened.OldestRetainedSequence, opened.Opened.NewestSequence), Is.EqualTo((1ul, 1ul, 2ul)));
        Assert.That(opened.Opened.Subscriptions, Is.EqualTo(topics));
        Assert.That((await NextAsync(call)).Finding, Is.EqualTo(FindingMapping.ToMessage(FindingMappingTests.Sample)));
        events.Drifted(DriftMappingTests.Sample);
        var drift = await NextAsync(call);
        Assert.That((drift.Sequence, drift.Drift), Is.EqualTo((3ul, DriftMapping.ToMessage(DriftMappingTests.Sample))));
    }

    [Test]
    public async Task Watch_SeveralMistakes_AreAllToldAtTheirPlaces()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await RefusedAsync(agent, new Subscription(), Heartbeats(0.01), new Subscription
        {
            Topic = Topic.Loss,
            Interval = new Duration { Seconds = 1, Nanos = -1 },
        });
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Violations.ToDictionary(v => v.Field, v => v.Description), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["subscriptions[0].topic"] = "is required",
            ["subscriptions[1].interval"] = "0.01 s is not between 0.1 s and 1 h",
            ["subscriptions[2].interval"] = "1 s and -1 ns make no duration",
            ["subscriptions[2].topic"] = "Loss is part of the contract, and this agent does not send it yet",
        }));
    }

    [Test]
    public async Task Watch_ThousandsOfMistakes_AreStillInvalidArgument()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var refused = await RefusedAsync(agent, [.. Enumerable.Range(0, 10_000).Select(_ => new Subscription())]);
        Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Words, Does.Match("; and 99[0-9][0-9] more$"));
    }

    [Test]
    public async Task Watch_CallersThatLeave_AreForgotten()
    {
        await using var agent = await InProcessAgent.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await ReadAsync(agent, most: 1, Heartbeats(0.1));
        }

        Assert.That(() => agent.Streams, Is.Zero.After(10_000, 10));
    }

    private static async Task<Event> NextAsync(AsyncServerStreamingCall<WatchResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Event;
    }

    private static Subscription Heartbeats(double seconds) =>
        new() { Topic = Topic.Heartbeat, Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)) };

    private static async Task<List<Event>> ReadAsync(InProcessAgent agent, int most, params IReadOnlyList<Subscription> subscriptions)
    {
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(new WatchRequest { Subscriptions = { subscriptions } });
        var events = new List<Event>();
        while (events.Count < most && await call.ResponseStream.MoveNext())
        {
            events.Add(call.ResponseStream.Current.Event);
        }

        return events;
    }

    private static async Task<Refused> RefusedAsync(InProcessAgent agent, params IReadOnlyList<Subscription> subscriptions)
    {
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(new WatchRequest { Subscriptions = { subscriptions } });
        return await Refused.ByAsync(() => call.ResponseStream.MoveNext());
    }
}
