using Cloudbr.Agent.Cli.Tests.Agents;
using Cloudbr.Agent.Testing.Processes;
using Cloudbr.Agent.V1;
using Google.Protobuf;
using Grpc.Core;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Cloudbr.Agent.Cli.Tests.Commands;

internal sealed class StatusTests
{
    [Test]
    public async Task Status_Serving_SaysSoAndExitsZero()
    {
        await using var agent = await ServingAsync(Samples.Heartbeat());
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Is.EqualTo(
            """
            state       serving (health SERVING)
            generation  7
            up          1d 02:03:04, run run-1
            boot        boot-1
            mode        heal: what is not as desired is put right

            """));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public async Task Status_MuchToTell_IsAllTold()
    {
        var heartbeat = Samples.Heartbeat(AgentState.Degraded);
        heartbeat.Status.Mode = OperatingMode.ObserveOnly;
        heartbeat.Status.DriftedObjects = 3;
        heartbeat.Status.PendingConfirm = new PendingConfirm { Generation = 7, FallbackGeneration = 6, ConfirmBefore = Samples.Time };
        heartbeat.Status.Degradations.Add(new Degradation { Failure = new Failure { Message = "it is lost\nfor good.", Remedy = "Apply one." } });
        await using var agent = await ServingAsync(heartbeat);
        agent.State.State = new HostState
        {
            Ports =
            {
                Port(PortPresence.Attached), Port(PortPresence.Attached), Port(PortPresence.Waiting), new PortState(Port(PortPresence.Attached)) { Filtered = false },
            },
            Findings =
            {
                new Finding { Code = "SLOW", Severity = FindingSeverity.Info, State = FindingState.Open, Message = "it is slow" },
                new Finding { Code = "GONE", Severity = FindingSeverity.Critical, State = FindingState.Cleared, Message = "it was bad" },
                Samples.Finding,
            },
        };
        Assert.That(Cloudbrctl.Run("status", "--socket", agent.Socket).Output, Is.EqualTo(
            """
            state       DEGRADED (health SERVING)
            generation  7
            up          1d 02:03:04, run run-1
            boot        boot-1
            mode        OBSERVE ONLY: the desired state is lost; apply one
            ports       4: 3 attached, 1 waiting, 1 NOT FILTERED
            confirm     generation 7 until 2026-01-02T03:04:05.678Z, or generation 6 comes back
            drifted     3 objects are not as desired
            degraded    it is lost for good. Apply one.
            finding     ERROR OTHER_MANAGER (seen 3 times): brvx-101 is changed again and again. What to do: find out who
            finding     info SLOW: it is slow

            """));
    }

    [TestCase(OperatingMode.Heal, "heal: ")]
    [TestCase(OperatingMode.Observe, "observe: ")]
    [TestCase(OperatingMode.ObserveOnly, "OBSERVE ONLY: ")]
    [TestCase(OperatingMode.Unspecified, "unknown")]
    public async Task Status_EveryMode_HasWords(OperatingMode mode, string words)
    {
        var heartbeat = Samples.Heartbeat();
        heartbeat.Status.Mode = mode;
        await using var agent = await ServingAsync(heartbeat);
        Assert.That(Cloudbrctl.Run("status", "--socket", agent.Socket).Output, Does.Contain($"\nmode        {words}"));
    }

    [Test]
    public async Task Status_Json_IsTheHeartbeatOfTheContractInOneLine()
    {
        await using var agent = await ServingAsync(Samples.Heartbeat());
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket, "-o", "json");
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1));
        Assert.That(JsonParser.Default.Parse<Heartbeat>(result.Output), Is.EqualTo(Samples.Heartbeat()));
    }

    [Test]
    public async Task Status_Degraded_SaysWhyAndWhatToDoAndExitsOne()
    {
        var heartbeat = Samples.Heartbeat(AgentState.Degraded);
        heartbeat.Status.Degradations.Add(new Degradation { Failure = new Failure { Message = "ipset is missing.", Remedy = "Install ipset." } });
        await using var agent = await ServingAsync(heartbeat);
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        Assert.That(result.Output, Does.StartWith("state       DEGRADED (health SERVING)\n").And.EndsWith("degraded    ipset is missing. Install ipset.\n"));
    }

    [Test]
    public async Task Status_HealthNotServing_ExitsOne()
    {
        await using var agent = await ServingAsync(Samples.Heartbeat());
        agent.Health = ServingStatus.NotServing;
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString);
        Assert.That(result.Output, Does.StartWith("state       serving (health NOT_SERVING)\n"));
    }

    [TestCase(AgentState.Applying, "applying")]
    [TestCase(AgentState.Drifted, "drifted")]
    public async Task Status_AtWork_ExitsZero(AgentState state, string word)
    {
        await using var agent = await ServingAsync(Samples.Heartbeat(state));
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket);
        Assert.That(result.ExitCode, Is.Zero, result.ToString);
        Assert.That(result.Output, Does.StartWith($"state       {word} "));
    }

    [Test]
    public async Task Status_AgentThatSaysLittle_IsShownWithQuestionMarks()
    {
        await using var agent = await ServingAsync(new Heartbeat());
        var result = Cloudbrctl.Run("status", "--socket", agent.Socket);
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Contain("state       unknown").And.Contain("up          ?, run"));
    }

    [Test]
    public async Task Status_AgentThatRefuses_IsToldInItsWordsAndExitsOne()
    {
        await using var agent = await FakeAgent.StartAsync();
        agent.WatchEnd = _ => throw new RpcException(new Status(StatusCode.PermissionDenied, "you are not of the group"));
        Cloudbrctl.AssertFailed(
            Cloudbrctl.Run("status", "--socket", agent.Socket), 1, "cloudbrctl: the agent answered PermissionDenied: you are not of the group\n");
    }

    [Test]
    public async Task Status_CtrlCBeforeTheAnswer_IsNoSuccess()
    {
        await using var agent = await FakeAgent.StartAsync();
        using var status = Cloudbrctl.Start("status", "--socket", agent.Socket);
        await agent.WatchBegun;
        status.Send(Signal.Interrupt);
        Assert.That(await status.WaitForExitAsync(Cloudbrctl.Limit), Is.EqualTo(130));
        Assert.That(await status.ReadToEndAsync(Cloudbrctl.Limit), Is.Empty);
    }

    private static PortState Port(PortPresence presence) => new() { Realisation = new PortRealisation { Presence = presence } };

    private static async Task<FakeAgent> ServingAsync(Heartbeat heartbeat)
    {
        var agent = await FakeAgent.StartAsync();
        agent.Events = [Samples.Opened, Samples.Event(heartbeat)];
        return agent;
    }
}
