using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Daemon.Tests.Mapping;
using Cloudbr.Agent.Testing.Fakes;
using Grpc.Core;

namespace Cloudbr.Agent.Daemon.Tests.Calls;

/// <summary>Ports, by the agent's own loop on a host in memory, as callers have them made and are told of them.</summary>
internal sealed class PortTests
{
    private const string Bridge = "breth0-100";

    private readonly MemoryKernel _kernel = new();

    [Test]
    public async Task Prepare_BeforeTheDevice_AnswersWhatTheGuestNeeds_AndTheSameAgainChangesNothing()
    {
        await using var agent = await StartAsync();
        var answer = await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest()));
        Assert.That((answer.Report.Outcome, answer.Report.Generation), Is.EqualTo((V1.ChangeOutcome.Applied, 2ul)));
        Assert.That(answer.Report.Changes.Select(c => (c.Object.Kind, c.Object.Id)), Has.Member((V1.ObjectKind.Port, "nic-1")));
        Assert.That(answer.Realisation, Is.EqualTo(new V1.PortRealisation
        {
            NicId = "nic-1", Bridge = Bridge, GuestMtu = 1450, Presence = V1.PortPresence.Waiting,
        }));
        Assert.That(await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest())), Is.EqualTo(answer), "the same request again");

        var writes = _kernel.Transactions;
        var unchanged = await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest(), "request-2"));
        Assert.That((unchanged.Report.Outcome, unchanged.Realisation), Is.EqualTo((V1.ChangeOutcome.Unchanged, answer.Realisation)));
        Assert.That(_kernel.Transactions, Is.EqualTo(writes));
    }

    [Test]
    public async Task Prepare_DryRun_AnswersHowItWouldBe()
    {
        await using var agent = await StartAsync();
        Plug();
        var request = Samples.Prepare(Guest());
        request.Change.DryRun = true;
        var answer = await agent.HostNetwork.PrepareAsync(request);
        Assert.That(answer.Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Planned));
        Assert.That((answer.Realisation.Device, answer.Realisation.Presence), Is.EqualTo(("vnet5", V1.PortPresence.Attached)));
        Assert.That((await StateAsync(agent)).Ports, Is.Empty);
    }

    [Test]
    public async Task Release_RemovesThePort_AndOneThatIsNotHereIsUnchanged()
    {
        await using var agent = await StartAsync();
        await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest()));
        var request = new V1.ReleaseRequest { Change = Samples.Change("release"), NicId = "nic-1" };
        Assert.That((await agent.HostNetwork.ReleaseAsync(request)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Applied));
        Assert.That(_kernel.Host.State.Filter.Tables.Values.SelectMany(t => t.Chains.Values).Select(c => c.Owner.Kind), Has.None.EqualTo(ObjectKind.Port));
        Assert.That((await StateAsync(agent)).Networks.Single().NicIds, Is.Empty);
        request.Change.RequestId = "again";
        Assert.That((await agent.HostNetwork.ReleaseAsync(request)).Report.Outcome, Is.EqualTo(V1.ChangeOutcome.Unchanged));
    }

    [Test]
    public async Task Plan_OfPrepareAndRelease_SaysWhatTheyWouldDo()
    {
        await using var agent = await StartAsync();
        var prepare = (await agent.HostNetwork.PlanAsync(new V1.PlanRequest { Prepare = Samples.Prepare(Guest()) })).Report;
        await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest()));
        var release = (await agent.HostNetwork.PlanAsync(new V1.PlanRequest { Release = new V1.ReleaseRequest { NicId = "nic-1" } })).Report;
        Assert.That(
            new[] { prepare, release }.Select(r => (r.Outcome, r.Changes.Single(c => c.Object.Kind == V1.ObjectKind.Port).Action)),
            Is.EqualTo(new[] { (V1.ChangeOutcome.Planned, V1.ChangeAction.Create), (V1.ChangeOutcome.Planned, V1.ChangeAction.Delete) }));
        Assert.That((await StateAsync(agent)).Ports, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Apply_WithPorts_AnswersHowEachIsRealised_ById()
    {
        await using var agent = await InProcessAgent.StartOnMemoryAsync(_kernel);
        var answer = await agent.HostNetwork.ApplyAsync(Samples.Apply(Config(Samples.Untracked(), Guest())));
        Assert.That(answer.Ports.Select(p => (p.NicId, p.Bridge, p.Presence)), Is.EqualTo(new[]
        {
            ("nic-1", Bridge, V1.PortPresence.Waiting), ("nic-2", Bridge, V1.PortPresence.Waiting),
        }));
        Assert.That((await agent.HostNetwork.GetConfigAsync(new V1.GetConfigRequest())).Config.Ports, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Device_ThatComesAndIsMoved_IsToldToThoseWhoAskedForThePort_AndShown()
    {
        await using var agent = await StartAsync();
        await agent.HostNetwork.PrepareAsync(Samples.Prepare(Guest()));
        await agent.HostNetwork.PrepareAsync(Samples.Prepare(Samples.Untracked(), "other"));
        using var call = new V1.Telemetry.TelemetryClient(agent.Calls).Watch(new V1.WatchRequest
        {
            Subscriptions = { new V1.Subscription { Topic = V1.Topic.Port, Only = { "nic-1" } }, new V1.Subscription { Topic = V1.Topic.Drift } },
        });
        Assert.That((await NextAsync(call)).PayloadCase, Is.EqualTo(V1.Event.PayloadOneofCase.Opened));

        Plug("vnet6", 6);
        Plug();
        var came = (await NextAsync(call)).Port;
        Assert.That((came.NicId, came.Before, came.FollowDuration is null), Is.EqualTo(("nic-1", V1.PortPresence.Waiting, false)));
        Assert.That(came.Realisation, Is.EqualTo(new V1.PortRealisation
        {
            NicId = "nic-1", Bridge = Bridge, Device = "vnet5", GuestMtu = 1450, Presence = V1.PortPresence.Attached,
        }));
        var state = (await StateAsync(agent)).Ports.Single(p => p.Realisation.NicId == "nic-1");
        Assert.That(state, Is.EqualTo(new V1.PortState { Realisation = came.Realisation, Condition = V1.ObjectCondition.InPlace, Filtered = true }));

        _kernel.Meddle("vnet5", host => Join(host, "vnet5", ""));
        Assert.That((await NextAsync(call)).Port.Realisation.Presence, Is.EqualTo(V1.PortPresence.Detached));
    }

    private async Task<InProcessAgent> StartAsync()
    {
        var agent = await InProcessAgent.StartOnMemoryAsync(_kernel);
        await agent.HostNetwork.ApplyAsync(Samples.Apply(Config(), "basis"));
        return agent;
    }

    private static V1.HostConfig Config(params IEnumerable<V1.Port> ports) => new()
    {
        PhysicalNetworks = { new V1.PhysicalNetwork { Label = "eth0", TrafficTypes = { V1.TrafficType.Guest } } },
        Networks =
        {
            new V1.Network
            {
                Id = "net-1",
                PhysicalNetwork = "eth0",
                Vlan = new V1.VlanIsolation { Vid = 100 },
                GuestMtu = 1450,
                Security = new V1.NetworkSecurity { Mode = V1.NetworkSecurityMode.SecurityGroups },
            },
        },
        Ports = { ports },
        AddressGroups = { Samples.Group() },
    };

    /// <summary>Of the samples' one, what this version does; its device is found by its MAC.</summary>
    private static V1.Port Guest()
    {
        var port = new V1.Port(Samples.Port()) { Device = "", RateLimit = null };
        port.Security.RuleCounters = false;
        return port;
    }

    private void Plug(string name = "vnet5", byte mac = 5) => _kernel.Meddle(name, host =>
    {
        host.PutForeign(new Link { Index = 0, Name = name, Kind = LinkKind.Tun, Mac = MacAddress.Parse($"fe:00:4c:00:00:{mac:x2}"), Mtu = 1450, Up = true });
        Join(host, name, Bridge);
    });

    private static void Join(MemoryHost host, string name, string bridge) => host.Apply(new ChangeLink(
        ObjectRef.Link(name), StepAction.Update, name, LinkKind.Tun, new LinkChange { Master = bridge }, new LinkChange()));

    private static async Task<V1.HostState> StateAsync(InProcessAgent agent) => (await agent.HostNetwork.GetStateAsync(new V1.GetStateRequest())).State;

    private static async Task<V1.Event> NextAsync(AsyncServerStreamingCall<V1.WatchResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Event;
    }
}
