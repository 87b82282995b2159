using System.Collections.Immutable;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Drifts;
using Cloudbr.Agent.Core.Model.Filtering;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Dataplane;
using Port = Cloudbr.Agent.Core.Model.Config.Port;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>Ports as GetState tells them: a1 and a2 of the network a, which has security groups, and b1 of b, which has none.</summary>
internal sealed class PortStateTests
{
    private static readonly Ruleset Rules = WithSet(With(
        Ruleset.Empty,
        Chain("CB-FORWARD", new ObjectRef(ObjectKind.Host), "-i brvx-1 -g CB-n-a"),
        Chain("CB-n-a", ObjectRef.Network("a"), "-m physdev --physdev-in vnet1 -g CB-o-a1"),
        Chain("CB-o-a1", ObjectRef.Port("a1"), "-m set --match-set CB-4-g src -j ACCEPT"),
        Chain("CB-o-a2", ObjectRef.Port("a2"), "-j ACCEPT")), "10.0.0.5");

    [Test]
    public void Port_IsWhole()
    {
        var ports = Tell(new V1.GetStateRequest()).Ports;
        Assert.That(ports[0], Is.EqualTo(new V1.PortState
        {
            Realisation = new V1.PortRealisation { NicId = "a1", Bridge = "brvx-1", Device = "vnet1", GuestMtu = 1450, Presence = V1.PortPresence.Attached },
            Condition = V1.ObjectCondition.InPlace,
            Filtered = true,
        }));
        Assert.That((ports[1].Realisation.Device, ports[1].Realisation.Presence), Is.EqualTo(("", V1.PortPresence.Waiting)), "it is not there yet");
        Assert.That(ports[2].HasFiltered, Is.False, "its network has no security groups");
    }

    [TestCase("", "", "a1 a2 b1")]
    [TestCase("a", "", "a1 a2")]
    [TestCase("", "b1 a1 nobody", "a1 b1")]
    [TestCase("a", "b1 a2", "a2")]
    [TestCase("nowhere", "", "")]
    public void Ports_OnlyThoseAskedFor_Sorted(string networks, string nics, string expected)
    {
        var request = new V1.GetStateRequest();
        request.NetworkIds.Add(networks.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        request.NicIds.Add(nics.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That(string.Join(" ", Tell(request).Ports.Select(p => p.Realisation.NicId)), Is.EqualTo(expected));
    }

    private static IEnumerable<TestCaseData> Kernels { get; } =
    [
        Of("all of it, read anew", With(Rules), true, true),
        Of("nothing", Ruleset.Empty, false, false),
        Of("another chain of the port's", With(Rules, Chain("CB-o-a1", ObjectRef.Port("a1"), "-j ACCEPT")), false, true),
        Of("nothing that leads there", With(Rules, Chain("CB-n-a", ObjectRef.Network("a"))), false, false),
        Of("a hook less", With(Rules, t => t with { Hooks = t.Hooks.Clear() }), false, false),
        Of("a hook too many", With(Rules, t => t with { Strays = ["FORWARD -j CB-FORWARD"] }), false, false),
        Of("an empty set", WithSet(Rules), false, true),
    ];

    [TestCaseSource(nameof(Kernels))]
    public void Filtered_OnlyIfThePortsRulesAndTheWayToThemAreThere(Ruleset kernel, bool first, bool second)
    {
        var ports = Tell(new V1.GetStateRequest(), kernel: kernel).Ports;
        Assert.That((ports[0].Filtered, ports[1].Filtered), Is.EqualTo((first, second)));
    }

    [Test]
    public void Filtered_RulesThatCannotBeWorkedOut_AreNotThere() =>
        Assert.That(Tell(new V1.GetStateRequest(), view => view with { Desired = view.Desired with { Filter = null } }).Ports[0].Filtered, Is.False);

    [Test]
    public void TrustedPort_IsNotFiltered() => Assert.That(
        Tell(new V1.GetStateRequest(), view => view with
        {
            Desired = view.Desired with { Config = view.Desired.Config with { Ports = Ports(trusted: true) } },
        }).Ports[0].HasFiltered,
        Is.False);

    [Test]
    public void Port_OfANetworkThatIsNotWorkedOut_IsUnknown()
    {
        var port = Tell(new V1.GetStateRequest(), view => view with { Desired = view.Desired with { Ports = view.Desired.Ports.Clear() } }).Ports[0];
        Assert.That((port.Realisation, port.Condition), Is.EqualTo((new V1.PortRealisation { NicId = "a1" }, V1.ObjectCondition.Unknown)));
    }

    /// <summary>Nothing keeps management from giving a port and a network the same id.</summary>
    [Test]
    public void Problems_OfANetworkWithThePortsId_AreNotThePorts()
    {
        var own = new Failure { Operation = "verify", Subject = ObjectRef.Port("a1"), Reason = "KERNEL_DISAGREES", Message = "port a1 should be there, and is not" };
        var others = own with { Subject = ObjectRef.Network("a2") };
        var problems = new Dictionary<string, IReadOnlyList<Failure>> { ["a1"] = [own], ["a2"] = [others] };
        var ports = Tell(new V1.GetStateRequest(), problems: problems).Ports;
        Assert.That((ports[0].Condition, ports[0].Problems.Single().Reason), Is.EqualTo((V1.ObjectCondition.Drifted, "KERNEL_DISAGREES")));
        Assert.That((ports[1].Condition, ports[1].Problems.Count), Is.EqualTo((V1.ObjectCondition.InPlace, 0)));
    }

    [Test]
    public void Port_ThatCouldNotBeHealed_HasFailed()
    {
        var drift = new Drift(ObjectRef.Port("a1"), DriftKind.Removed, []) { Handling = DriftHandling.Failed };
        Assert.That(
            Tell(new V1.GetStateRequest(), view => view with { Drifts = view.Drifts.Add("a1", [drift]) }).Ports[0].Condition, Is.EqualTo(V1.ObjectCondition.Failed));
    }

    [Test]
    public void Links_OfPorts_BelongToThem()
    {
        var links = Tell(new V1.GetStateRequest { IncludeLinks = true }).Links;
        Assert.That(links.Select(l => (l.Name, l.BelongsTo, l.Owned)), Is.EqualTo(new[] { ("vnet1", "a1", false), ("vnet2", "", false) }));
    }

    [Test]
    public void EveryPresence_IsTheContracts()
    {
        foreach (var presence in Enum.GetValues<PortPresence>())
        {
            Assert.That(RealisationMapping.ToMessage(presence).ToString(), Is.EqualTo(presence.ToString()));
        }
    }

    [Test]
    public void Port_ThatCounts_TellsEachRuleAndWhatWasDropped_OrWhyNot()
    {
        var failure = new Failure { Operation = "iptables-save", Subject = ObjectRef.Port("a2"), Reason = "TOOL_FAILED", Message = "it did not end" };
        var ports = Tell(new V1.GetStateRequest(), counts: new Dictionary<string, PortCounts>(StringComparer.Ordinal)
        {
            ["a1"] = new([new RuleCount("web", 0, true, 3, 180), new RuleCount("", 1, false, 2, 90), new RuleCount(RuleCount.Drop, null, true, 7, 700)], null),
            ["a2"] = new([], failure),
        }).Ports;
        Assert.That(ports[0].RuleCounters, Is.EqualTo(new[]
        {
            new V1.RuleCounter { RuleId = "web", RuleIndex = 0, Ingress = true, Packets = 3, Bytes = 180 },
            new V1.RuleCounter { RuleIndex = 1, Packets = 2, Bytes = 90 },
            new V1.RuleCounter { RuleId = "drop", Ingress = true, Packets = 7, Bytes = 700 },
        }));
        Assert.That((ports[1].RuleCounters.Count, ports[1].RuleCountersFailure.Reason), Is.EqualTo((0, "TOOL_FAILED")), "unknown is not 0");
        Assert.That((ports[0].RuleCountersFailure, ports[2].RuleCountersFailure), Is.EqualTo(((V1.Failure?)null, (V1.Failure?)null)));
    }

    /// <summary>Of hosts none of whose ports counts anything.</summary>
    internal static IReadOnlyDictionary<string, PortCounts> Uncounted { get; } = ImmutableDictionary<string, PortCounts>.Empty;

    internal static V1.HostState Tell(
        V1.GetStateRequest request,
        Func<DataplaneView, DataplaneView>? change = null,
        Ruleset? kernel = null,
        IReadOnlyDictionary<string, IReadOnlyList<Failure>>? problems = null,
        IReadOnlyDictionary<string, PortCounts>? counts = null)
    {
        var view = View(kernel ?? Rules);
        return HostStateMapping.ToMessage(
            change?.Invoke(view) ?? view, problems ?? ImmutableDictionary<string, IReadOnlyList<Failure>>.Empty, [], request, null, counts ?? Uncounted);
    }

    private static DataplaneView View(Ruleset kernel)
    {
        var state = HostState.Empty.ToBuilder();
        state.Filter = kernel;
        state.Put(new Core.Model.Links.Link { Index = 1, Name = "vnet1" });
        state.Put(new Core.Model.Links.Link { Index = 2, Name = "vnet2" });
        var ports = Ports();
        var view = new FakeDataplane().View;
        return view with
        {
            Desired = view.Desired with
            {
                Config = HostConfig.Empty with
                {
                    Networks = HostConfig.Empty.Networks
                        .Add("b", new Network { Id = "b", PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() })
                        .Add("a", new Network
                        {
                            Id = "a", PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation(), Security = new NetworkSecurity(default(ValueList<int>)),
                        }),
                    Ports = ports,
                },
                Ports = ports.ToImmutableDictionary(p => p.Key, p => new PortDesign(
                    p.Value, "brvx-1", p.Key == "a1" ? "vnet1" : "vnet9", 1450, p.Key == "a1" ? PortPresence.Attached : PortPresence.Waiting)),
                Filter = Rules,
            },
            State = state.ToState(),
        };
    }

    private static ImmutableDictionary<string, Port> Ports(bool trusted = false) => HostConfig.Empty.Ports.AddRange(
        new[] { "b1", "a2", "a1" }.Select((nic, i) => KeyValuePair.Create(nic, new Port
        {
            NicId = nic, Network = nic[..1], Mac = MacAddress.Parse($"02:00:4c:00:00:{i:x2}"), IsTrusted = trusted,
        })));

    private static Chain Chain(string name, ObjectRef owner, params ImmutableArray<string> rules) => new(name, rules) { Owner = owner };

    private static Ruleset With(Ruleset rules, params IEnumerable<Chain> chains) => With(rules, table => table with
    {
        Hooks = table.Hooks.SetItem("FORWARD", "CB-FORWARD"),
        Chains = table.Chains.Values.Concat(chains).GroupBy(c => c.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal),
    });

    private static Ruleset With(Ruleset rules, Func<Table, Table> change) =>
        rules with { Tables = rules.Tables.SetItem(TableId.Filter4, change(rules.Tables[TableId.Filter4])) };

    private static Ruleset WithSet(Ruleset rules, params IReadOnlyList<string> members) =>
        rules with { Sets = rules.Sets.SetItem("CB-4-g", new AddressSet("CB-4-g", Family.V4, [.. members])) };

    private static TestCaseData Of(string name, Ruleset kernel, bool first, bool second) => new TestCaseData(kernel, first, second).SetArgDisplayNames(name);
}
