using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Dataplane;
using Cloudbr.Agent.Testing;
using Cloudbr.Agent.Testing.Agents;
using Google.Protobuf;
using Grpc.Core;
using Failure = Cloudbr.Agent.Core.Model.Failure;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>The same request again, over the socket: its first answer, byte for byte, and nothing is changed.</summary>
internal sealed class RepeatedRequestTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Success_ComesAgainByteForByte_AlsoAfterARestart()
    {
        using var state = new TempDirectory();
        IMessage[] requests =
        [
            Samples.Apply(id: "1"), Samples.Implement(Samples.Multicast("new", 500), "2"),
            new V1.ShutdownRequest { Change = Samples.Change("3"), NetworkId = "net-2" }, new V1.ResyncRequest { Change = Samples.Change("4") },
        ];
        var first = new List<byte[]>();
        await using (var agent = await StartAsync(state))
        {
            foreach (var request in requests)
            {
                first.Add(await AskAsync(agent, request));
            }

            Assert.That(first.Select(b => b.Length), Is.All.GreaterThan(10));
            foreach (var (request, answer) in requests.Zip(first))
            {
                Assert.That(await AskAsync(agent, request), Is.EqualTo(answer), request.Descriptor.Name);
            }

            Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(requests.Length));
        }

        await using var restarted = await StartAsync(state);
        foreach (var (request, answer) in requests.Zip(first))
        {
            Assert.That(await AskAsync(restarted, request), Is.EqualTo(answer), $"{request.Descriptor.Name} after the restart");
        }

        Assert.That(restarted.Dataplane.Asked, Is.Empty);
    }

    [Test]
    public async Task Failure_ComesAgainByteForByte_AlsoAfterARestartAndWhenItWouldSucceed()
    {
        using var state = new TempDirectory();
        (StatusCode Code, string Detail, string Trailers) first;
        await using (var agent = await StartAsync(state))
        {
            agent.Dataplane.Fail(new Failure
            {
                Kind = FailureKind.ResourceExhausted,
                Operation = "newlink",
                Subject = ObjectRef.Network("net-2"),
                Reason = "KERNEL_LIMIT",
                Message = "ä full\nrow",
            });
            first = await RefusalAsync(agent);
            Assert.That(first.Code, Is.EqualTo(StatusCode.ResourceExhausted));
            Assert.That(first.Trailers, Does.Contain("grpc-status-details-bin="));
            agent.Dataplane.Answer = null;
            Assert.That(await RefusalAsync(agent), Is.EqualTo(first));
            Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1));
        }

        await using var restarted = await StartAsync(state);
        Assert.That(await RefusalAsync(restarted), Is.EqualTo(first));
        Assert.That(restarted.Dataplane.Asked, Is.Empty);
    }

    [Test]
    public async Task Answer_OutlivesSigkill()
    {
        using var directory = new TempDirectory();
        var request = new V1.ShutdownRequest { Change = Samples.Change(), NetworkId = "not-here" };
        byte[] first;
        using (var killed = await AgentProcess.StartOnAsync(directory["agent.sock"]))
        {
            using var connection = new AgentConnection(killed.Socket);
            first = await AskAsync(connection.Calls, request);
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        using var agent = await AgentProcess.StartOnAsync(directory["agent.sock"]);
        using var again = new AgentConnection(agent.Socket);
        Assert.That(await AskAsync(again.Calls, request), Is.EqualTo(first), "with the same times in it");
        request.Change.RequestId = "another";
        Assert.That(await AskAsync(again.Calls, request), Is.Not.EqualTo(first));
    }

    [Test]
    public async Task ChangeThatIsFinishedWhileTheAgentStops_IsAnsweredByTheNext()
    {
        using var state = new TempDirectory();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var first = await StartAsync(state);
        first.Dataplane.Answer = async (options, _, _) =>
        {
            asked.SetResult();
            await go.Task;
            return Applied(options, first);
        };
        first.Dataplane.Ending = go.SetResult;
        var lost = AskAsync(first, Samples.Apply());
        await asked.Task.WaitAsync(Limit);
        await first.DisposeAsync();
        Assert.That(async () => await lost, Throws.InstanceOf<RpcException>());

        await using var next = await StartAsync(state);
        var answer = await next.HostNetwork.ApplyAsync(Samples.Apply());
        Assert.That((answer.Report.Outcome, answer.Networks.Count), Is.EqualTo((V1.ChangeOutcome.Applied, 0)), "as the first was made");
        Assert.That(next.Dataplane.Asked, Is.Empty);
    }

    [Test]
    public async Task HundredCallsAtOnce_WithOneId_AreOneChange()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        agent.Dataplane.Answer = async (options, _, _) =>
        {
            asked.SetResult();
            await go.Task;
            return Applied(options, agent);
        };
        var calls = Enumerable.Range(0, 100).Select(_ => AskAsync(agent, Samples.Apply())).ToList();
        await asked.Task.WaitAsync(Limit);
        go.SetResult();
        var answers = await Task.WhenAll(calls).WaitAsync(Limit);
        Assert.That(answers, Is.All.EqualTo(answers[0]));
        Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task CallerThatLeavesBeforeItsTurn_LeavesItToTheNext()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (asked, inTurn) = (0, new TaskCompletionSource());
        agent.Dataplane.Answer = async (options, _, cancellation) =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                inTurn.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            return Applied(options, agent);
        };
        using var leaves = agent.HostNetwork.ApplyAsync(Samples.Apply());
        await inTurn.Task.WaitAsync(Limit);
        var waits = AskAsync(agent, Samples.Apply());
        leaves.Dispose();
        Assert.That(await waits.WaitAsync(Limit), Is.Not.Empty);
        Assert.That(asked, Is.EqualTo(2));
    }

    [Test]
    public async Task CallerThatLeavesInItsTurn_FindsTheAnswerWhenItComesAgain()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (inTurn, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        agent.Dataplane.Answer = async (options, _, cancellation) =>
        {
            using var registration = cancellation.Register(left.SetResult);
            inTurn.SetResult();
            await left.Task;
            return Applied(options, agent);
        };
        using var leaves = agent.HostNetwork.ApplyAsync(Samples.Apply());
        await inTurn.Task.WaitAsync(Limit);
        leaves.Dispose();
        await left.Task.WaitAsync(Limit);
        agent.Dataplane.Answer = null;
        var again = await agent.HostNetwork.ApplyAsync(Samples.Apply());
        Assert.That((again.Report.Outcome, again.Networks.Count), Is.EqualTo((V1.ChangeOutcome.Applied, 0)), "as the first was answered");
        Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task WhoWaitsForTheFirst_HasItsOwnDeadline()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        agent.Dataplane.Answer = async (options, _, _) =>
        {
            asked.SetResult();
            await go.Task;
            return Applied(options, agent);
        };
        var first = AskAsync(agent, Samples.Apply());
        await asked.Task.WaitAsync(Limit);
        var waits = agent.HostNetwork.ApplyAsync(Samples.Apply(), deadline: DateTime.UtcNow.AddMilliseconds(50));
        Assert.That(
            async () => await waits.ResponseAsync.WaitAsync(Limit),
            Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.DeadlineExceeded));
        Assert.That(first.IsCompleted, Is.False);
        go.SetResult();
        Assert.That(await AskAsync(agent, Samples.Apply()), Is.EqualTo(await first));
    }

    [Test]
    public async Task AnotherRequest_WithTheSameId_IsInvalidAndToldOfTheFirst()
    {
        await using var agent = await InProcessAgent.StartAsync();
        await agent.HostNetwork.ApplyAsync(Samples.Apply());
        IMessage[] others =
        [
            Samples.Apply(new V1.HostConfig()), Samples.Implement(),
            new V1.ApplyRequest { Change = new V1.ChangeOptions { RequestId = "request-1", Note = "!" }, Config = Samples.Config() },
        ];
        foreach (var other in others)
        {
            var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, other));
            Assert.That(refused.Code, Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(refused.Violations.Single().Field, Is.EqualTo("change.request_id"));
            Assert.That(refused.Violations.Single().Description, Does.StartWith("'request-1' is the id of another request already, one for HostNetwork/Apply;"));
        }

        Assert.That(agent.Dataplane.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RequestThatWouldBeWrongNow_StillHasItsFirstAnswer()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var request = Samples.Implement(Samples.Multicast("new", 500));
        var first = await AskAsync(agent, request);
        await agent.HostNetwork.ApplyAsync(Samples.Apply(new V1.HostConfig(), "empty"));
        Assert.That(await AskAsync(agent, request), Is.EqualTo(first));
        request.Change.RequestId = "another";
        var refused = await Refused.ByAsync(() => ChangeTests.CallAsync(agent, request));
        Assert.That(refused.Violations.Single().Field, Is.EqualTo("network.physical_network"), "the label is gone");
    }

    [Test]
    public async Task WhatWasNotDecided_IsMadeWhenItComesAgain()
    {
        await using var agent = await ChangeTests.AppliedAsync();

        // A fault of the request.
        var faulty = Samples.Implement(Samples.Vlan(vid: 0));
        await Refused.ByAsync(() => ChangeTests.CallAsync(agent, faulty));
        faulty.Network.Vlan.Vid = 7;
        Assert.That(await AskAsync(agent, faulty), Is.Not.Empty);

        // The agent's own trouble.
        agent.Dataplane.Fail(new Failure
        {
            Operation = "journal", Subject = new ObjectRef(ObjectKind.Host), Reason = "NOT_WRITTEN", Message = "the disk is full",
        });
        await Refused.ByAsync(() => ChangeTests.CallAsync(agent, Samples.Implement(id: "2")));
        agent.Dataplane.Answer = (_, _, _) => throw new OperationCanceledException();
        await Refused.ByAsync(() => ChangeTests.CallAsync(agent, Samples.Implement(id: "2")));
        agent.Dataplane.Answer = null;
        Assert.That(await AskAsync(agent, Samples.Implement(id: "2")), Is.Not.Empty);
    }

    [Test]
    public async Task DryRun_IsNeitherRememberedNorAnsweredFromMemory()
    {
        await using var agent = await ChangeTests.AppliedAsync();
        var dry = Samples.Implement(Samples.Vlan("new", 9));
        dry.Change.DryRun = true;
        var real = dry.Clone();
        real.Change.DryRun = false;
        Assert.That((await agent.HostNetwork.ImplementAsync(dry)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Planned));
        Assert.That((await agent.HostNetwork.ImplementAsync(real)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied));
        Assert.That((await agent.HostNetwork.ImplementAsync(dry)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Unchanged));
    }

    private static Task<InProcessAgent> StartAsync(TempDirectory state) => InProcessAgent.StartAsync(o => o with { StateDirectory = state.Path });

    private static Task<byte[]> AskAsync(InProcessAgent agent, IMessage request) => AskAsync(agent.Calls, request);

    private static async Task<byte[]> AskAsync(CallInvoker calls, IMessage request)
    {
        var name = request.Descriptor.Name[..^"Request".Length];
        return (await Contract.CallAsync(calls, Contract.Method($"cloudbr.agent.v1.HostNetwork/{name}"), request.ToByteArray())).Single();
    }

    private static async Task<(StatusCode Code, string Detail, string Trailers)> RefusalAsync(InProcessAgent agent)
    {
        try
        {
            await AskAsync(agent, Samples.Apply());
        }
        catch (RpcException e)
        {
            // All but when the server sent it.
            var trailers = e.Trailers.Where(t => t.Key is not "date").Select(t => $"{t.Key}={Convert.ToHexString(t.ValueBytes)}");
            return (e.StatusCode, e.Status.Detail, string.Join(' ', trailers));
        }

        throw new AssertionException("the call succeeded and should have been refused");
    }

    private static ChangeResult Applied(Core.Model.Changes.ChangeOptions options, InProcessAgent agent) => new(
        new ChangeReport
        {
            RequestId = options.RequestId, Outcome = ChangeOutcome.Applied, Generation = 1, PreviousGeneration = 0, AcceptedAt = FakeDataplane.Now,
        },
        agent.Dataplane.View.Desired);
}
