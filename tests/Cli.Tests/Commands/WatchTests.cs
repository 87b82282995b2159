using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.Testing.Processes;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Cloudbr.Agent.Cli.Tests.Commands;

internal sealed class WatchTests
{
    private static readonly Event[] Everything =
    [
        Samples.Opened,
        Samples.Event(Samples.Heartbeat()),
        Samples.Event(new Gap { Cause = GapCause.SlowReader, LostEvents = 92 }),
        Samples.Event(new Gap { Cause = GapCause.AgentRestarted }),
        new Event { Time = Samples.Time, NicHealth = new NicHealth() },
    ];

    [Test]
    public async Task Watch_Text_IsOneLineAnEvent()
    {
        await using var agent = await AgentAsync(Everything);
        var result = Cloudbrctl.Run("watch", "--socket", agent.Socket, "--count", "5");
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            2026-01-02T03:04:05.678Z opened    run run-1
            2026-01-02T03:04:05.678Z heartbeat 3 serving, generation 7, up 1d 02:03:04
            2026-01-02T03:04:05.678Z gap       92 events were lost: this reader was too slow
            2026-01-02T03:04:05.678Z gap       an unknown number of events was lost: the agent has restarted
            2026-01-02T03:04:05.678Z nichealth (this cloudbrctl cannot show it in words; use -o json)

            """));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public async Task Watch_Json_IsOneEventOfTheContractALine()
    {
        await using var agent = await AgentAsync(Everything);
        var result = Cloudbrctl.Run("watch", "--socket", agent.Socket, "--count", "5", "-o", "json");
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.TrimEnd('\n').Split('\n').Select(JsonParser.Default.Parse<Event>), Is.EqualTo(Everything));
    }

    [Test]
    public async Task Watch_NothingChosen_LeavesTheChoiceToTheAgent()
    {
        await using var agent = await AgentAsync(Samples.Opened);
        Cloudbrctl.Run("watch", "--socket", agent.Socket, "--count", "1").EnsureSuccess();
        Assert.That(agent.Watched, Is.EqualTo(new WatchRequest()));
    }

    [Test]
    public async Task Watch_TopicsAndInterval_AreAskedFor()
    {
        await using var agent = await AgentAsync(Samples.Opened);
        Cloudbrctl.Run(
            "watch", "--socket", agent.Socket, "--count", "1", "--topic", "nic-health", "--topic", "link", "--topic", "link", "--interval", "0.5").EnsureSuccess();
        var interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.5));
        Assert.That(agent.Watched, Is.EqualTo(new WatchRequest
        {
            Subscriptions = { new Subscription { Topic = Topic.NicHealth, Interval = interval }, new Subscription { Topic = Topic.Link, Interval = interval } },
        }));
    }

    [Test]
    public async Task Watch_RefusedByTheAgent_ExitsOneWithItsWords()
    {
        await using var agent = await AgentAsync();
        agent.WatchEnd = _ => throw new RpcException(new Status(StatusCode.InvalidArgument, "subscriptions[0].interval: too short"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("watch", "--socket", agent.Socket), 1, "cloudbrctl: the agent answered InvalidArgument: subscriptions[0].interval: too short\n");
    }

    [Test]
    public async Task Watch_StreamThatTheAgentEnds_ExitsThree()
    {
        await using var agent = await AgentAsync();
        agent.WatchEnd = _ => Task.CompletedTask;
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("watch", "--socket", agent.Socket), 3, $"cloudbrctl: lost the agent on {agent.Socket}: the agent ended the stream\n");
    }

    [TestCase(Signal.Interrupt)]
    [TestCase(Signal.Terminate)]
    public async Task Watch_CtrlC_EndsItWithZeroAndWithoutAWord(Signal signal)
    {
        await using var agent = await AgentAsync(Samples.Opened);
        using var watch = Cloudbrctl.Start("watch", "--socket", agent.Socket);
        await watch.WaitForLineAsync("opened", Cloudbrctl.Limit);
        watch.Send(signal);
        Assert.That(await watch.WaitForExitAsync(Cloudbrctl.Limit), Is.Zero);
        Assert.That(await watch.ReadToEndAsync(Cloudbrctl.Limit), Is.Empty);
    }

    private static async Task<FakeAgent> AgentAsync(params IReadOnlyList<Event> events)
    {
        var agent = await FakeAgent.StartAsync();
        agent.Events = events;
        return agent;
    }
}
