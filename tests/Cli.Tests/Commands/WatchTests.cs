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
    public async Task Watch_WhatTheDataplaneDoes_IsOneReadableLineEach()
    {
        Event[] events =
        [
            Of(new Drift { Object = Samples.Bridge, Kind = DriftKind.Removed, Handling = DriftHandling.Healed, HealDuration = new Duration { Nanos = 12_300_000 }, Source = DriftSource.KernelEvent }),
            Of(new Drift
            {
                Object = Samples.Bridge,
                Kind = DriftKind.Changed,
                Attributes = { new AttributeChange { Name = "mtu", Before = "1450", After = "1400" }, new AttributeChange { Name = "master", Before = "br1" } },
                Handling = DriftHandling.BackedOff,
                Source = DriftSource.Audit,
                LikelyCause = "NetworkManager",
            }),
            Of(new Drift
            {
                Object = new ObjectRef { Kind = ObjectKind.Route, Id = "web", Name = "239.0.0.5/32", Scope = "eth0" },
                Kind = DriftKind.Unexpected,
                Handling = DriftHandling.Failed,
                Failure = new Failure { Message = "the kernel\nrefused" },
                Source = DriftSource.Resync,
            }),
            Of(new Drift { Object = Samples.Bridge, Kind = DriftKind.Changed, Handling = DriftHandling.Observed, Source = DriftSource.Start }),
            new Event { Time = Samples.Time, Finding = Samples.Finding },
            new Event { Time = Samples.Time, Finding = new Finding(Samples.Finding) { State = FindingState.Cleared } },
            Of(Report(ChangeOutcome.Applied, 2)),
            Of(new ChangeReport(Report(ChangeOutcome.Applied, 9)) { Warnings = { new ChangeWarning { Message = "only 9 of 900 steps" } } }),
            Of(new ChangeReport(Report(ChangeOutcome.Applied, 0)) { Undone = new Undo { Reason = "no confirmation came in time" } }),
            Of(Report(ChangeOutcome.Unchanged, 0)),
            Of(new ChangeReport(Report(ChangeOutcome.AwaitingConfirm, 1)) { ConfirmBefore = Samples.Time }),
            Of(new ChangeReport(Report(ChangeOutcome.FailedUndone, 3)) { Failure = new Failure { Message = "no room" } }),
            Of(new ChangeReport(Report(ChangeOutcome.FailedIncomplete, 1, ChangeProgress.LeftBehind)) { Failure = new Failure { Message = "no room" } }),
            Of(PortPresence.Waiting, PortPresence.Attached, TimeSpan.FromMilliseconds(12.3)),
            Of(PortPresence.Attached, PortPresence.Elsewhere),
            Of(PortPresence.Elsewhere, PortPresence.Detached),
            Of(PortPresence.Detached, PortPresence.Waiting),
            Samples.Event(new Gap { Cause = GapCause.NotRetained }),
            Samples.Event(new Gap { Cause = GapCause.KernelOverrun }),
        ];
        await using var agent = await AgentAsync(events);
        var result = Cloudbrctl.Run("watch", "--socket", agent.Socket, "--count", $"{events.Length}");
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.TrimEnd('\n').Split('\n').Select(l => l["2026-01-02T03:04:05.678Z ".Length..]), Is.EqualTo(new[]
        {
            "drift     link brvx-101 of web was gone; healed in 12.3 ms; noticed by an event from the kernel",
            "drift     link brvx-101 of web had mtu 1400 instead of 1450, had master unset instead of br1 (probably by NetworkManager); LEFT for a while, for somebody else changes it as fast as it is healed; noticed by the audit",
            "drift     route 239.0.0.5/32 on eth0 of web was there and should not be; NOT HEALED: the kernel refused; noticed by Resync",
            "drift     link brvx-101 of web was not as desired; left as it is, as the mode says; noticed by the start of the agent",
            "finding   ERROR OTHER_MANAGER (seen 3 times): brvx-101 is changed again and again. What to do: find out who",
            "finding   OTHER_MANAGER at link brvx-101 of web is over",
            "change    r made generation 7; made link brvx-101 of web, made link brvx-101 of web",
            "change    r made generation 7; 9 steps: made 9; warning: only 9 of 900 steps",
            "change    r went back as generation 7: no confirmation came in time",
            "change    r changed nothing, generation 7",
            "change    r made generation 7, or 6 comes back unless it is confirmed until 2026-01-02T03:04:05.678Z; made link brvx-101 of web",
            "change    r FAILED and left nothing behind, generation 7 stays: no room",
            "change    r FAILED and could not be undone completely, generation 7 stays: no room; left behind: made link brvx-101 of web",
            "port      nic-1 has vnet3 on brvx-101 (was waiting); its rules followed in 12.3 ms",
            "port      nic-1 has vnet3 on ANOTHER bridge than brvx-101 (was attached)",
            "port      nic-1 has vnet3 on no bridge (was ELSEWHERE)",
            "port      nic-1 waits for its device (was detached)",
            "gap       an unknown number of events was lost: they are no longer retained",
            "gap       the kernel dropped reports; everything was read anew, and what came and went in between is unknown",
        }));
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

    private static Event Of(PortPresence before, PortPresence now, TimeSpan? followed = null) => new()
    {
        Time = Samples.Time,
        Port = new PortEvent
        {
            NicId = "nic-1",
            Before = before,
            Realisation = new PortRealisation
            {
                NicId = "nic-1", Bridge = "brvx-101", Device = now == PortPresence.Waiting ? "" : "vnet3", GuestMtu = 1450, Presence = now,
            },
            FollowDuration = followed?.ToDuration(),
        },
    };

    private static Event Of(Drift drift) => new() { Time = Samples.Time, Drift = drift };

    private static Event Of(ChangeReport report) => new() { Time = Samples.Time, Change = report };

    private static ChangeReport Report(ChangeOutcome outcome, int steps, ChangeProgress progress = ChangeProgress.Verified)
    {
        var report = new ChangeReport { RequestId = "r", Outcome = outcome, Generation = 7, PreviousGeneration = 6 };
        report.Changes.Add(Enumerable.Range(1, steps).Select(i => new Change
        {
            Step = (uint)i, Action = ChangeAction.Create, Object = Samples.Bridge, Progress = progress,
        }));
        return report;
    }

    private static async Task<FakeAgent> AgentAsync(params IReadOnlyList<Event> events)
    {
        var agent = await FakeAgent.StartAsync();
        agent.Events = events;
        return agent;
    }
}
