using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Dataplane;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Failure = Cloudbr.Agent.Core.Model.Failure;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Changes over the socket: what reaches the dataplane, and what comes back.</summary>
internal sealed class ChangeTests
{
    [Test]
    public async Task Apply_WholeConfig_IsTakenAndShownAgain()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var answer = await agent.HostNetwork.ApplyAsync(Samples.Apply());
        Assert.That(answer.Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied));
        Assert.That((answer.Report.RequestId, answer.Report.PreviousGeneration, answer.Report.Generation), Is.EqualTo(("request-1", 0ul, 1ul)));
        Assert.That(answer.Report.Stages[0].Stage, Is.EqualTo(V1.ChangeStage.Validate));
        Assert.That(
            answer.Networks.Select(n => (n.NetworkId, n.Device)),
            Is.EqualTo(new[]
            {
                ("net-1", "up-cloudbr1.100"), ("net-2", "vxlan101"), ("net-3", "vxlan102"), ("net-4", "vxlan103"), ("net-5", "up-cloudbr1"),
            }));
        var config = await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest());
        Assert.That(config.Config, Is.EqualTo(Samples.Config()));
        Assert.That(config.Generation, Is.EqualTo(1));
    }

    [Test]
    public async Task Apply_TheSameAgain_IsUnchanged()
    {
        await using var agent = await AppliedAsync();
        var report = (await agent.HostNetwork.ApplyAsync(Samples.Apply())).Report;
        Assert.That((report.Outcome, report.Generation), Is.EqualTo((V1.ChangeOutcome.Unchanged, 1ul)));
    }

    [Test]
    public async Task Apply_EmptyConfig_RemovesEverything()
    {
        await using var agent = await AppliedAsync();
        await agent.HostNetwork.ApplyAsync(Samples.Apply(new V1.HostConfig()));
        Assert.That((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest())).Config, Is.EqualTo(new V1.HostConfig()));
    }

    [Test]
    public async Task Apply_OneSection_LeavesTheOthers()
    {
        await using var agent = await AppliedAsync();
        var request = Samples.Apply(new V1.HostConfig { Networks = { Samples.Vlan("other", 5) } });
        request.Sections.Add(V1.ConfigSection.Networks);
        await agent.HostNetwork.ApplyAsync(request);
        var expected = Samples.Config();
        expected.Networks.Clear();
        expected.Networks.Add(Samples.Vlan("other", 5));
        Assert.That((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest())).Config, Is.EqualTo(expected));
    }

    [Test]
    public async Task Implement_ANetwork_IsAnsweredWithItsRealisation()
    {
        await using var agent = await AppliedAsync();
        var answer = await agent.HostNetwork.ImplementAsync(Samples.Implement(Samples.Multicast("new", 500)));
        Assert.That(answer.Report.Generation, Is.EqualTo(2));
        Assert.That(answer.Realisation, Is.EqualTo(new V1.NetworkRealisation
        {
            NetworkId = "new", Bridge = "brvx-500", Device = "vxlan500", GuestMtu = 1500, UnderlayMtu = 9000, Provider = "linux-bridge",
        }));
        Assert.That(agent.Dataplane.View.Desired.Config.Networks.Keys.Order(), Is.EqualTo(new[] { "net-1", "net-2", "net-3", "net-4", "net-5", "new" }));
    }

    [Test]
    public async Task Implement_AdoptedDevices_SaysSo()
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Answer = (options, _, _) => Task.FromResult(new ChangeResult(
            new ChangeReport
            {
                RequestId = options.RequestId,
                Outcome = ChangeOutcome.Applied,
                Generation = 2,
                PreviousGeneration = 1,
                AcceptedAt = FakeDataplane.Now,
                Changes =
                [
                    new StepReport(
                        new Core.Planning.Steps.ChangeLink(
                            ObjectRef.Link("vxlan101", "net-2"), Core.Planning.Steps.StepAction.Adopt, "vxlan101", "vxlan", new(), new()),
                        StepProgress.Verified),
                ],
            },
            agent.Dataplane.View.Desired));
        Assert.That((await agent.HostNetwork.ImplementAsync(Samples.Implement(Samples.Multicast()))).Realisation.Adopted);
        Assert.That((await agent.HostNetwork.ImplementAsync(Samples.Implement(Samples.Evpn(), "request-2"))).Realisation.Adopted, Is.False);
    }

    [Test]
    public async Task Shutdown_RemovesTheNetwork_AndOneThatIsNotHereIsUnchanged()
    {
        await using var agent = await AppliedAsync();
        var request = new V1.ShutdownRequest { Change = Samples.Change(), NetworkId = "net-2" };
        Assert.That((await agent.HostNetwork.ShutdownAsync(request)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied));
        Assert.That(agent.Dataplane.View.Desired.Config.Networks.Keys.Order(), Is.EqualTo(new[] { "net-1", "net-3", "net-4", "net-5" }));
        request.Change.RequestId = "request-2";
        Assert.That((await agent.HostNetwork.ShutdownAsync(request)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Unchanged));
    }

    [Test]
    public async Task Resync_IsAskedOfTheDataplane()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var report = (await agent.HostNetwork.ResyncAsync(new V1.ResyncRequest { Change = Samples.Change() })).Report;
        Assert.That(report.Outcome, Is.EqualTo(V1.ChangeOutcome.Unchanged));
        Assert.That(agent.Dataplane.Asked.Single().Edit, Is.TypeOf<Resync>());
    }

    [Test]
    public async Task Options_ReachTheDataplaneWhole()
    {
        await using var agent = await InProcessAgent.StartAsync();
        await agent.HostNetwork.ShutdownAsync(new V1.ShutdownRequest
        {
            NetworkId = "x",
            Change = new V1.ChangeOptions { RequestId = "r", Term = 7, IfGeneration = 0, DryRun = true, AllowDisruption = true, Note = "why" },
        });
        await agent.HostNetwork.ShutdownAsync(new V1.ShutdownRequest { NetworkId = "x", Change = Samples.Change("s") });
        Assert.That(agent.Dataplane.Asked.Select(a => a.Options), Is.EqualTo(new[]
        {
            new ChangeOptions("r")
            {
                Term = 7, IfGeneration = 0, DryRun = true, AllowDisruption = true, Note = "why", Caller = CallerTests.Own, Method = "HostNetwork/Shutdown",
            },
            new ChangeOptions("s") { Caller = CallerTests.Own, Method = "HostNetwork/Shutdown" },
        }));
    }

    [Test]
    public async Task ConfirmWithin_ReachesTheDataplaneFromEveryChangeThatMakesAGeneration()
    {
        await using var agent = await AppliedAsync();
        V1.ChangeOptions Change(string id, long seconds) => new() { RequestId = id, ConfirmWithin = new Duration { Seconds = seconds } };
        await agent.HostNetwork.ImplementAsync(new V1.ImplementRequest { Change = Change("1", 1), Network = Samples.Vlan("new", 9) });
        await agent.HostNetwork.ShutdownAsync(new V1.ShutdownRequest { Change = Change("2", 61), NetworkId = "new" });
        await agent.HostNetwork.ApplyAsync(new V1.ApplyRequest { Change = Change("3", 3600), Config = Samples.Config() });
        await agent.HostNetwork.RollbackAsync(new V1.RollbackRequest { Change = Change("4", 7), ToGeneration = agent.Dataplane.View.Generation });
        Assert.That(
            agent.Dataplane.Asked.Skip(1).Select(a => (a.Options.Method, a.Options.ConfirmWithin?.TotalSeconds)),
            Is.EqualTo(new (string, double?)[]
            {
                ("HostNetwork/Implement", 1), ("HostNetwork/Shutdown", 61), ("HostNetwork/Apply", 3600), ("HostNetwork/Rollback", 7),
            }));
        Assert.That(agent.Dataplane.Asked[0].Options.ConfirmWithin, Is.Null, "who did not ask for it");
    }

    [Test]
    public async Task QueueThatIsFull_SaysWhenToAskAgain()
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Fail(Sample(FailureKind.ResourceExhausted, new ObjectRef(ObjectKind.Host)) with { Operation = "queue", Retryable = true });
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ApplyAsync(Samples.Apply()));
        Assert.That(refused.Code, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(refused.Detail<Google.Rpc.RetryInfo>().RetryDelay, Is.EqualTo(new Duration { Seconds = 1 }));

        agent.Dataplane.Answer = null;
        Assert.That((await agent.HostNetwork.ApplyAsync(Samples.Apply())).Report.Generation, Is.EqualTo(1), "the same id gets through then");
    }

    [TestCase(FailureKind.ResourceExhausted, false)]
    [TestCase(FailureKind.FailedPrecondition, true)]
    public async Task Failure_ThatWaitingAloneDoesNotMend_HasNoHintToWait(FailureKind kind, bool retryable)
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Fail(Sample(kind, ObjectRef.Network("net-2")) with { Retryable = retryable });
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ApplyAsync(Samples.Apply()));
        Assert.That(refused.Has<Google.Rpc.RetryInfo>(), Is.False);
    }

    [Test]
    public async Task DryRun_OfEveryChange_LeavesTheDesiredStateAlone()
    {
        await using var agent = await AppliedAsync();
        var change = new V1.ChangeOptions { RequestId = "r", DryRun = true };
        var implement = await agent.HostNetwork.ImplementAsync(new V1.ImplementRequest { Change = change, Network = Samples.Vlan("new", 9) });
        Assert.That(implement.Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Planned));
        Assert.That(implement.Realisation.Device, Is.EqualTo("up-cloudbr1.9"), "how it would be");
        var shutdown = await agent.HostNetwork.ShutdownAsync(new V1.ShutdownRequest { Change = change, NetworkId = "net-1" });
        Assert.That(shutdown.Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Planned));
        var apply = await agent.HostNetwork.ApplyAsync(new V1.ApplyRequest { Change = change, Config = new V1.HostConfig() });
        Assert.That((apply.Report.Outcome, apply.Networks.Count), Is.EqualTo((V1.ChangeOutcome.Planned, 0)));
        await agent.HostNetwork.ResyncAsync(new V1.ResyncRequest { Change = change });
        Assert.That(agent.Dataplane.Asked.TakeLast(4).Select(a => a.Options.DryRun), Is.All.True);
        Assert.That((agent.Dataplane.View.Generation, agent.Dataplane.View.Desired.Config.Networks.Count), Is.EqualTo((1ul, 5)));
    }

    [Test]
    public async Task Plan_OfEachRequest_NeedsNoIdAndDoesNothing()
    {
        await using var agent = await AppliedAsync();
        V1.PlanRequest[] plans =
        [
            new() { Implement = new V1.ImplementRequest { Network = Samples.Vlan("new", 9) } },
            new() { Shutdown = new V1.ShutdownRequest { NetworkId = "net-1", Change = new V1.ChangeOptions { AllowDisruption = true } } },
            new() { Prepare = new V1.PrepareRequest { Port = Samples.Trusted() } },
            new() { Release = new V1.ReleaseRequest { NicId = "nic-9" } },
            new() { Apply = new V1.ApplyRequest { Config = new V1.HostConfig() } },
            new() { Resync = new V1.ResyncRequest() },
            new() { Rollback = new V1.RollbackRequest { ToGeneration = 1 } },
            new() { Confirm = new V1.ConfirmRequest { Generation = 1 } },
        ];
        V1.PlanRequest.RequestOneofCase[] changing =
        [
            V1.PlanRequest.RequestOneofCase.Implement, V1.PlanRequest.RequestOneofCase.Shutdown, V1.PlanRequest.RequestOneofCase.Prepare,
            V1.PlanRequest.RequestOneofCase.Apply,
        ];
        foreach (var plan in plans)
        {
            var outcome = (await agent.HostNetwork.PlanAsync(plan)).Report.Outcome;
            Assert.That(outcome, Is.EqualTo(changing.Contains(plan.RequestCase) ? V1.ChangeOutcome.Planned : V1.ChangeOutcome.Unchanged));
        }

        var asked = agent.Dataplane.Asked.TakeLast(plans.Length).ToList();
        Assert.That(
            asked.Select(a => a.Edit.GetType().Name),
            Is.EqualTo(new[]
            {
                "PutNetwork", "RemoveNetwork", "PutPort", "RemovePort", "ReplaceConfig", "Resync", "RestoreGeneration", "ConfirmGeneration",
            }));
        Assert.That(asked.Select(a => a.Options.DryRun), Is.All.True);
        Assert.That(asked[1].Options.AllowDisruption);
        Assert.That(agent.Dataplane.View.Generation, Is.EqualTo(1));
    }

    [TestCase(FailureKind.InvalidArgument, StatusCode.InvalidArgument)]
    [TestCase(FailureKind.FailedPrecondition, StatusCode.FailedPrecondition)]
    [TestCase(FailureKind.ResourceExhausted, StatusCode.ResourceExhausted)]
    [TestCase(FailureKind.Aborted, StatusCode.Aborted)]
    public async Task Change_ThatFails_IsRefusedWithAllThatIsKnown(FailureKind kind, StatusCode code)
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Fail(
            new Failure
            {
                Kind = kind,
                Operation = "newlink",
                Subject = ObjectRef.Network("net-2"),
                Reason = "NO_ROOM",
                Message = "there is no room",
                Evidence = "ENOBUFS",
                Remedy = "make some",
                Retryable = true,
            },
            Sample(FailureKind.Aborted, ObjectRef.Network("net-3")));
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ApplyAsync(Samples.Apply()));
        var (where, what) = kind == FailureKind.InvalidArgument ? ("config.networks[1]", "config.networks[1]") : ("", "network net-2");
        Assert.That(refused.Code, Is.EqualTo(code));
        Assert.That(refused.Words, Is.EqualTo($"{what}: there is no room (ENOBUFS); make some; and 1 more"));
        Assert.That((refused.Info.Reason, refused.Info.Domain), Is.EqualTo(("NO_ROOM", "cloudbr.agent")));
        Assert.That(refused.Info.Metadata["operation"], Is.EqualTo("newlink"));
        Assert.That(refused.Info.Metadata["object"], Is.EqualTo("network net-2"));
        Assert.That(refused.Info.Metadata["generation"], Is.EqualTo("1"));
        Assert.That(refused.Failure, Is.EqualTo(new V1.Failure
        {
            Operation = "newlink",
            Object = new V1.ObjectRef { Kind = V1.ObjectKind.Network, Id = "net-2" },
            Reason = "NO_ROOM",
            Message = "there is no room",
            Evidence = "ENOBUFS",
            Remedy = "make some",
            Retryable = true,
            FieldPath = where,
        }));
        Assert.That((refused.Report.Outcome, refused.Report.RequestId), Is.EqualTo((V1.ChangeOutcome.FailedUndone, "request-1")));
        Assert.That(refused.Report.Failure, Is.EqualTo(refused.Failure));
        Assert.That(refused.Has<Google.Rpc.BadRequest>(), Is.EqualTo(kind == FailureKind.InvalidArgument));
    }

    private static IEnumerable<TestCaseData> Places { get; } =
    [
        At(Samples.Apply(), ObjectRef.Network("net-3"), "config.networks[2]"),
        At(Samples.Apply(), ObjectRef.PhysicalNetwork("cloudbr1"), "config.physical_networks[1]"),
        At(Samples.Apply(), new ObjectRef(ObjectKind.Provider, Name: "openvswitch"), "config.providers[1]"),
        At(Samples.Apply(), new ObjectRef(ObjectKind.ControlNetwork), "config.control_network"),
        At(Samples.Apply(), new ObjectRef(ObjectKind.Sysctl, Name: "net.ipv4.ip_forward"), "config.settings"),
        At(Samples.Apply(), ObjectRef.Network("of another section"), "config"),
        At(Samples.Implement(Samples.Multicast()), ObjectRef.Network("net-2"), "network"),
        At(new V1.ShutdownRequest { Change = Samples.Change(), NetworkId = "net-2" }, ObjectRef.Network("net-2"), "network_id"),
        At(new V1.PlanRequest { Apply = Samples.Apply() }, ObjectRef.Network("net-2"), "apply.config.networks[1]"),
        At(new V1.PlanRequest { Implement = Samples.Implement(Samples.Multicast()) }, ObjectRef.Network("net-2"), "implement.network"),
        At(new V1.PlanRequest { Shutdown = new V1.ShutdownRequest { NetworkId = "net-2" } }, ObjectRef.Network("net-2"), "shutdown.network_id"),
    ];

    [TestCaseSource(nameof(Places))]
    public async Task Change_FaultOfTheRequestThatOnlyTheHostShows_HasItsPlace(IMessage request, ObjectRef subject, string path)
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Fail(Sample(FailureKind.InvalidArgument, subject));
        var refused = await Refused.ByAsync(() => CallAsync(agent, request));
        Assert.That(refused.Violations.Select(v => v.Field), Is.EqualTo(new[] { path }));
        Assert.That((refused.Failure.FieldPath, refused.Info.Metadata["field_path"]), Is.EqualTo((path, path)));
    }

    [Test]
    public async Task Change_FailureThatKnowsItsPlace_KeepsIt()
    {
        await using var agent = await AppliedAsync();
        agent.Dataplane.Fail(Sample(FailureKind.InvalidArgument, ObjectRef.Network("net-2")) with { FieldPath = "config.networks[1].vxlan.vni" });
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ApplyAsync(Samples.Apply()));
        Assert.That(refused.Failure.FieldPath, Is.EqualTo("config.networks[1].vxlan.vni"));
    }

    [Test]
    public async Task Change_AgentStopsMeanwhile_IsUnavailable()
    {
        await using var agent = await InProcessAgent.StartAsync();
        agent.Dataplane.Answer = (_, _, _) => throw new OperationCanceledException();
        var refused = await Refused.ByAsync(async () => await agent.HostNetwork.ApplyAsync(Samples.Apply()));
        Assert.That((refused.Code, refused.Info.Reason), Is.EqualTo((StatusCode.Unavailable, "AGENT_STOPPING")));
    }

    [Test]
    public async Task Change_CallerThatLeaves_CancelsTheWait()
    {
        await using var agent = await InProcessAgent.StartAsync();
        var (asked, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        agent.Dataplane.Answer = async (_, _, cancellation) =>
        {
            using var registration = cancellation.Register(cancelled.SetResult);
            asked.SetResult();
            await cancelled.Task;
            throw new OperationCanceledException(cancellation);
        };
        using var call = agent.HostNetwork.ApplyAsync(Samples.Apply());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        call.Dispose();
        Assert.That(async () => await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30)), Throws.Nothing);
    }

    internal static async Task<InProcessAgent> AppliedAsync()
    {
        var agent = await InProcessAgent.StartAsync();
        await agent.HostNetwork.ApplyAsync(Samples.Apply(id: "applied"));
        return agent;
    }

    internal static Task CallAsync(InProcessAgent agent, IMessage request)
    {
        var name = request.Descriptor.Name[..^"Request".Length];
        return Contract.CallAsync(agent.Calls, Contract.Method($"cloudbr.agent.v1.HostNetwork/{name}"), request.ToByteArray());
    }

    private static Failure Sample(FailureKind kind, ObjectRef subject) =>
        new() { Kind = kind, Operation = "design", Subject = subject, Reason = "CLASH", Message = "it clashes" };

    private static TestCaseData At(IMessage request, ObjectRef subject, string path) =>
        new TestCaseData(request, subject, path).SetArgDisplayNames(request.Descriptor.Name, path);
}
