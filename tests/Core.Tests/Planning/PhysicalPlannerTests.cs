using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Planning.Steps;
using Cloudbr.Agent.Core.Tests.Planning.Scenarios;
using Cloudbr.Agent.Testing.Fakes;

namespace Cloudbr.Agent.Core.Tests.Planning;

/// <summary>An uplink with addresses goes under a bridge and comes out again, and the host stays reachable.</summary>
internal sealed class PhysicalPlannerTests
{
    private readonly TestAgent _agent = new(new MemoryHost());

    [SetUp]
    public void PutAnUplinkWithAddressesAndRoutes() => Put(
        new Nic("eth0", 1500),
        new Address("eth0", "10.1.0.5/24"),
        new Address("eth0", "10.1.0.6/24"),
        new StaticRoute("eth0", "0.0.0.0/0", "10.1.0.1"),
        new StaticRoute("eth0", "100.64.0.1/32", null),
        new StaticRoute("eth0", "100.65.0.0/24", "100.64.0.1"));

    [Test]
    public void Manage_UplinkWithAddresses_MovesThemInThisOrder() => Assert.That(
        Words(_agent.Make(Managed(null))),
        Is.EqualTo(new[]
        {
            "create cloudbr0",
            "eth0 into cloudbr0",
            "add 10.1.0.5/24 to cloudbr0",
            "add 10.1.0.6/24 to cloudbr0",
            "add the route to 100.64.0.1/32 through cloudbr0",
            "turn the route to 0.0.0.0/0 from eth0 to cloudbr0",
            "turn the route to 100.65.0.0/24 from eth0 to cloudbr0",
            "remove the route to 100.64.0.1/32 through eth0",
            "remove 10.1.0.6/24 from eth0",
            "remove 10.1.0.5/24 from eth0",
        }));

    [Test]
    public void Manage_AtNoStep_IsThereNoDefaultRouteOrNoAddress()
    {
        foreach (var step in _agent.Make(Managed(null)).Plan.Steps)
        {
            _agent.Host.Apply(step);
            var state = _agent.Host.State;
            Assert.That(state.Routes.Count(r => r.Destination.Length == 0), Is.EqualTo(1));
            Assert.That(state.Links.SelectMany(l => state.Addresses(l.Index)).Select(a => a.Prefix.ToString()), Has.Member("10.1.0.5/24").And.Member("10.1.0.6/24"));
        }
    }

    [Test]
    public void Manage_Bridge_HasTheUplinksMac()
    {
        _agent.Apply(Managed(null));
        Assert.That(_agent.Host.State.Find("cloudbr0")!.Mac, Is.EqualTo(_agent.Host.State.Find("eth0")!.Mac));
    }

    /// <summary>Somebody's bridge follows its member, and what is on that bridge is not raised again with it.</summary>
    [Test]
    public void Manage_NarrowerMtu_UnderSomebodysBridge_IsTakenBackWithWhatIsOnIt()
    {
        Put(new Nic("eth1", 1500), new HandBridge("theirs", "eth1"), new ForeignVlan("storage", "theirs", 77, 1500));
        var config = new Physical(new PhysicalNetwork { Label = "eth1", Mode = PhysicalNetworkMode.Manage, Mtu = 1400 }).AddTo(HostConfig.Empty);
        var step = _agent.Make(config).Plan.Steps.Single();
        _agent.Host.Apply(step);
        Assert.That(Mtus(), Is.EqualTo([1400, 1400, 1400]));
        _agent.Host.Apply(step.Inverse);
        Assert.That(Mtus(), Is.EqualTo([1500, 1500, 1500]));

        IEnumerable<int> Mtus() => new[] { "eth1", "theirs", "storage" }.Select(name => _agent.Host.State.Find(name)!.Mtu);
    }

    [Test]
    public void Manage_WiderMtu_RaisesTheUplinkFirst() =>
        Assert.That(Words(_agent.Make(Managed(9000))).Take(2), Is.EqualTo(new[] { "eth0 to MTU 9000", "create cloudbr0" }));

    [Test]
    public void Manage_NarrowerMtu_LowersTheUplinkLast() =>
        Assert.That(Words(_agent.Make(Managed(1400)))[^1], Is.EqualTo("eth0 to MTU 1400"));

    [Test]
    public void Manage_NarrowerMtu_SaysThatOthersVlansGetNarrowerToo()
    {
        Put(new ForeignVlan("storage", "eth0", 77, 1500));
        var plan = _agent.Make(Managed(1400)).Plan;
        Assert.That(plan.Warnings.Single().Message, Is.EqualTo("storage is on eth0 and cannot stay wider than it: its MTU becomes 1400"));
        Assert.That(Words((null, plan))[^2..], Is.EqualTo(new[] { "storage to MTU 1400", "eth0 to MTU 1400" }));
    }

    [Test]
    public void LetGo_BridgeOfTheAgents_GivesAllBackAndGoes()
    {
        var before = StateText.Of(_agent.Host.State);
        _agent.Apply(Managed(null));
        _agent.Apply(HostConfig.Empty);
        Assert.That(StateText.Of(_agent.Host.State), Is.EqualTo(before));
    }

    [Test]
    public void LetGo_BridgeThatWasHereBefore_IsLeftStanding()
    {
        Put(new HandBridge("cloudbr0"));
        _agent.Apply(Managed(null));
        _agent.Apply(HostConfig.Empty);
        var bridge = _agent.Host.State.Find("cloudbr0")!;
        Assert.That(bridge.Alias, Is.Empty);
        Assert.That(_agent.Host.State.Addresses(bridge.Index), Has.Count.EqualTo(2));
    }

    [Test]
    public void Manage_BridgeWithAnotherUplink_IsRefused()
    {
        Put(new Nic("eth1", 1500), new HandBridge("cloudbr0", "eth1"));
        var failure = _agent.Make(Managed(null)).Plan.Failures.Single();
        Assert.That((failure.Reason, failure.Message), Is.EqualTo((
            "OTHER_UPLINK_IN_BRIDGE", "cloudbr0 has the uplink eth1 already: with eth0 beside it frames would go round in circles")));
    }

    [TestCase(null, true)]
    [TestCase(false, false)]
    public void Manage_BridgeOfSomebodyWithSpanningTree_KeepsItUnlessAsked(bool? asked, bool expected)
    {
        Put(new HandBridge("cloudbr0", "eth0"));
        var bridge = _agent.Host.State.Find("cloudbr0")!;
        _agent.Host.Apply(new ChangeLink(
            Core.Model.ObjectRef.Link(bridge.Name),
            StepAction.Update,
            bridge.Name,
            bridge.Kind,
            new Core.Model.Links.LinkChange { Bridge = bridge.Bridge! with { Stp = true } },
            new Core.Model.Links.LinkChange()));
        var config = Managed(null);
        _agent.Apply(config with
        {
            PhysicalNetworks = config.PhysicalNetworks.SetItem("cloudbr0", config.PhysicalNetworks["cloudbr0"] with { Bridge = new BridgeOptions { Stp = asked } }),
        });
        Assert.That(_agent.Host.State.Find("cloudbr0")!.Bridge!.Stp, Is.EqualTo(expected));
    }

    [Test]
    public void Manage_RouteWithSeveralHops_IsNotTouchedAndSaid()
    {
        var route = new Core.Model.Links.Route(Core.Model.IpPrefix.Parse("172.16.0.0/12"), 0) { IsCompound = true };
        _agent.Host.PutForeign("eth0", route);
        Assert.That(_agent.Make(Managed(null)).Plan.Failures.Single().Reason, Is.EqualTo("ROUTE_NOT_MOVABLE"));
    }

    [Test]
    public void LetGo_SomebodysDeviceStandsOnTheBridge_IsRefused()
    {
        _agent.Apply(Managed(null));
        Put(new ForeignVlan("backup", "cloudbr0", 78, 1500));
        Assert.That(
            _agent.Make(HostConfig.Empty).Plan.Failures.Single().Message, Is.EqualTo("cloudbr0 would go, and backup of somebody else's would go with it"));
    }

    private void Put(params HostItem[] items) => Array.ForEach(items, i => i.PutOn(_agent.Host));

    private static HostConfig Managed(int? mtu) => new Physical(
        new PhysicalNetwork { Label = "cloudbr0", Mode = PhysicalNetworkMode.Manage, Uplink = "eth0", Mtu = mtu }).AddTo(HostConfig.Empty);

    private static List<string> Words((Core.Planning.Design.Desired? Next, Core.Planning.Plan Plan) made) =>
    [
        .. made.Plan.Steps.Select(s => s switch
        {
            CreateLink create => $"create {create.Spec.Name}",
            ChangeLink { Change.Master: { } master } change => $"{change.Link} into {master}",
            ChangeLink { Change.Mtu: { } mtu } change => $"{change.Link} to MTU {mtu}",
            AddAddress add => $"add {add.Address.Prefix} to {add.Link}",
            RemoveAddress remove => $"remove {remove.Address.Prefix} from {remove.Link}",
            AddRoute add => $"add the route to {add.Route.Destination} through {add.Link}",
            RemoveRoute remove => $"remove the route to {remove.Route.Destination} through {remove.Link}",
            MoveRoute move => $"turn the route to {move.Route.Destination} from {move.From} to {move.To}",
            _ => s.ToString(),
        }),
    ];
}
