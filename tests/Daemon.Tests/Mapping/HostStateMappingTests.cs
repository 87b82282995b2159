using System.Collections.Immutable;
using System.Net;
using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Config;
using Cloudbr.Agent.Core.Model.Generations;
using Cloudbr.Agent.Core.Model.Links;
using Cloudbr.Agent.Core.Model.Providers;
using Cloudbr.Agent.Core.Planning.Design;
using Cloudbr.Agent.Daemon.Mapping;
using Cloudbr.Agent.Daemon.Tests.Agents;
using Cloudbr.Agent.Dataplane;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>What the kernel has, as it is told.</summary>
internal sealed class HostStateMappingTests
{
    private static readonly Failure Problem = new()
    {
        Operation = "verify", Subject = ObjectRef.Network("b"), Reason = "MTU_CHANGED", Message = "brvx-6 has MTU 1400",
    };

    private static readonly Dictionary<string, IReadOnlyList<Failure>> Problems = new() { ["b"] = [Problem], ["d"] = [Problem] };

    [Test]
    public void Status_WithProblems_IsDriftedAndCountsTheObjects()
    {
        var status = Tell(new V1.GetStateRequest()).Status;
        Assert.That((status.State, status.DriftedObjects), Is.EqualTo((V1.AgentState.Drifted, 1u)));
    }

    [Test]
    public void Networks_AreSortedWithTheirConditionAndRealisation()
    {
        var networks = Tell(new V1.GetStateRequest()).Networks;
        Assert.That(
            networks.Select(n => (n.Realisation.NetworkId, n.Condition)),
            Is.EqualTo(new[]
            {
                ("a", V1.ObjectCondition.InPlace), ("b", V1.ObjectCondition.Drifted), ("c", V1.ObjectCondition.Unknown), ("d", V1.ObjectCondition.Failed),
            }));
        Assert.That(networks[1].Problems, Is.EqualTo(new[] { FailureMapping.ToMessage(Problem) }));
        Assert.That(networks[0].Realisation, Is.EqualTo(new V1.NetworkRealisation
        {
            NetworkId = "a",
            Bridge = "brenp129-abcdef",
            BridgeAltname = "brenp129s0f1np1-761",
            Device = "vxlan5",
            GuestMtu = 1450,
            UnderlayMtu = 1500,
            GuestMtuLowered = true,
            Provider = "linux-bridge",
        }));
    }

    [Test]
    public void Networks_OnlyThoseAskedFor_AndNoneThatIsNotHere() => Assert.That(
        Tell(new V1.GetStateRequest { NetworkIds = { "d", "a", "nowhere", "a" } }).Networks.Select(n => n.Realisation.NetworkId),
        Is.EqualTo(new[] { "a", "d" }));

    [Test]
    public void Networks_NameTheirPorts_Sorted() => Assert.That(
        PortStateTests.Tell(new V1.GetStateRequest()).Networks.Select(n => n.NicIds), Is.EqualTo(new[] { new[] { "a1", "a2" }, new[] { "b1" } }));

    [Test]
    public void PhysicalNetworks_AreSortedAndWhole()
    {
        PhysicalCheck[] checks =
        [
            new() { Label = "cloudbr1", Result = PhysicalCheckResult.Missing, Message = "not here", BridgesHere = ["virbr0", "cloudbr0"] },
            new()
            {
                Label = "cloudbr0",
                Result = PhysicalCheckResult.MtuTooSmall,
                Message = "too small",
                Bridge = "cloudbr0",
                Uplink = "eth0",
                Mtu = 1500,
                Problems = [Problem],
            },
        ];
        Assert.That(HostStateMapping.ToMessage(View(), Problems, checks, new V1.GetStateRequest(), null, PortStateTests.Uncounted).PhysicalNetworks, Is.EqualTo(new[]
        {
            new V1.PhysicalNetworkCheck
            {
                Label = "cloudbr0",
                Result = V1.PhysicalNetworkCheckResult.MtuTooSmall,
                Message = "too small",
                Bridge = "cloudbr0",
                Uplink = "eth0",
                Mtu = 1500,
                Problems = { FailureMapping.ToMessage(Problem) },
            },
            new V1.PhysicalNetworkCheck
            {
                Label = "cloudbr1", Result = V1.PhysicalNetworkCheckResult.Missing, Message = "not here", BridgesHere = { "cloudbr0", "virbr0" },
            },
        }));
    }

    [Test]
    public void Settings_AreThoseAskedForAndThoseThatWereChanged() => Assert.That(
        Tell(new V1.GetStateRequest()).Settings,
        Is.EqualTo(new[]
        {
            new V1.SettingState { Name = "net.ipv4.ip_forward", Desired = "1", Actual = "0", Previous = "0" },
            new V1.SettingState { Name = "net.ipv4.neigh.default.gc_thresh2", Desired = "8192" },
            new V1.SettingState { Name = "net.ipv6.conf.all.forwarding", Desired = "", Previous = "1" },
        }));

    [Test]
    public void Settings_AllAskedFor_HaveTheKernelsNames()
    {
        var all = new HostSettings
        {
            IpForward = true,
            Ipv6Forward = false,
            BridgeNfCallIptables = true,
            BridgeNfCallIp6tables = true,
            BridgeNfCallArptables = false,
            Ipv4Neighbours = new NeighbourThresholds(1, 2, 3),
            Ipv6Neighbours = new NeighbourThresholds(4, 5, 6),
            IgmpMaxMemberships = 7,
        };
        var view = View();
        view = view with { Desired = view.Desired with { Config = view.Desired.Config with { Settings = all } }, InForce = InForce(Previous()) };
        Assert.That(
            HostStateMapping.ToMessage(view, Problems, [], new V1.GetStateRequest(), null, PortStateTests.Uncounted).Settings.ToDictionary(s => s.Name, s => s.Desired),
            Is.EquivalentTo(new Dictionary<string, string>
            {
                ["net.ipv4.ip_forward"] = "1",
                ["net.ipv6.conf.all.forwarding"] = "0",
                ["net.bridge.bridge-nf-call-iptables"] = "1",
                ["net.bridge.bridge-nf-call-ip6tables"] = "1",
                ["net.bridge.bridge-nf-call-arptables"] = "0",
                ["net.ipv4.neigh.default.gc_thresh1"] = "1",
                ["net.ipv4.neigh.default.gc_thresh2"] = "2",
                ["net.ipv4.neigh.default.gc_thresh3"] = "3",
                ["net.ipv6.neigh.default.gc_thresh1"] = "4",
                ["net.ipv6.neigh.default.gc_thresh2"] = "5",
                ["net.ipv6.neigh.default.gc_thresh3"] = "6",
                ["net.ipv4.igmp_max_memberships"] = "7",
            }));
    }

    [Test]
    public void Links_NotAskedFor_AreLeftOut() => Assert.That(Tell(new V1.GetStateRequest()).Links, Is.Empty);

    [Test]
    public void Links_HaveNamesForIndexesAndSayWhoseTheyAre()
    {
        var links = Tell(new V1.GetStateRequest { IncludeLinks = true }).Links;
        Assert.That(links.Select(l => l.Ifindex), Is.EqualTo(new[] { 2u, 3u, 5u, 6u, 7u }));
        Assert.That(links.Select(l => (l.Name, l.Owned, l.BelongsTo)), Is.EqualTo(new[]
        {
            ("eth0", false, "cloudbr0"), ("vxlan5", true, "a"), ("br5", true, "a"), ("eth0.7", false, ""), ("cloud0", true, ""),
        }));
        Assert.That(links[0], Is.EqualTo(new V1.LinkState
        {
            Name = "eth0",
            Altnames = { "enp1", "enp2" },
            Ifindex = 2,
            Mac = "02:00:00:00:00:01",
            Mtu = 1500,
            AdminUp = true,
            Carrier = true,
            OperState = V1.OperState.Up,
            BelongsTo = "cloudbr0",
            Addresses = { "192.0.2.11/24", "2001:db8::11/64" },
        }));
        Assert.That(links[1].Master, Is.EqualTo("br5"));
        Assert.That(links[1].Parent, Is.EqualTo("eth0"));
        Assert.That(links[1].Alias, Is.EqualTo("cloudbr:network:a"));
    }

    [Test]
    public void Links_Details_AreThoseOfTheirKind()
    {
        var links = Tell(new V1.GetStateRequest { IncludeLinks = true }).Links;
        Assert.That(links[0].DetailCase, Is.EqualTo(V1.LinkState.DetailOneofCase.None));
        Assert.That(links[1].Vxlan, Is.EqualTo(new V1.VxlanDetail
        {
            Vni = 5, UdpPort = 4789, LocalAddress = "192.0.2.11", Group = "239.0.0.5", Ttl = 10, Learning = true,
        }));
        Assert.That(links[2].Bridge, Is.EqualTo(new V1.BridgeDetail
        {
            Stp = true,
            ForwardDelayMs = 2000,
            MulticastSnooping = true,
            MulticastQuerier = true,
            GroupFwdMask = 8,
            AgeingMs = 300_000,
            Members = { "eth0.7", "vxlan5" },
        }));
        Assert.That(links[3].Vlan, Is.EqualTo(new V1.VlanDetail { Vid = 7 }));
    }

    [Test]
    public void Links_ForwardingEntries_StandSortedAtTheirDevices()
    {
        ForwardingEntry[] entries =
        [
            new(3, MacAddress.Parse("02:00:00:00:00:05"), IPAddress.Parse("192.0.2.12")),
            new(3, MacAddress.Zero, IPAddress.Parse("192.0.2.13")) { Permanent = true },
            new(2, MacAddress.Parse("02:00:00:00:00:09"), null),
        ];
        var links = HostStateMapping.ToMessage(View(), Problems, [], new V1.GetStateRequest { IncludeLinks = true }, entries, PortStateTests.Uncounted).Links;
        Assert.That(links[1].ForwardingEntries, Is.EqualTo(new[]
        {
            new V1.ForwardingEntry { Mac = "00:00:00:00:00:00", PeerAddress = "192.0.2.13", Permanent = true },
            new V1.ForwardingEntry { Mac = "02:00:00:00:00:05", PeerAddress = "192.0.2.12" },
        }));
        Assert.That(links[0].ForwardingEntries, Is.EqualTo(new[] { new V1.ForwardingEntry { Mac = "02:00:00:00:00:09" } }));
        Assert.That(links[2].ForwardingEntries, Is.Empty);
    }

    [Test]
    public void EveryValueOfEveryEnum_HasOneOfTheContract()
    {
        foreach (var result in Enum.GetValues<PhysicalCheckResult>())
        {
            var check = PhysicalNetworkMapping.ToMessage(new PhysicalCheck { Label = "l", Result = result, Message = "" });
            Assert.That(check.Result.ToString(), Is.EqualTo(result.ToString()));
            Assert.That(check.HasMtu, Is.False);
        }

        foreach (var state in Enum.GetValues<OperState>())
        {
            Assert.That(LinkOf(new Link { Index = 1, Name = "x", OperState = state }).OperState.ToString(), Is.EqualTo(state.ToString()));
        }

        foreach (var state in Enum.GetValues<ProviderState>())
        {
            Assert.That(ProviderMapping.ToMessage(new Provider { Name = "p", State = state }).State.ToString(), Is.EqualTo(state.ToString()));
        }

        Assert.That(
            ProviderMapping.ToMessage(new Provider { Name = "p", Isolations = Enum.GetValues<IsolationKind>().ToValueList() }).Isolations
                .Select(i => i.ToString()),
            Is.EqualTo(Enum.GetNames<IsolationKind>()));
    }

    [Test]
    public void Provider_IsWhole()
    {
        var provider = new Provider
        {
            Name = "p",
            State = ProviderState.Unavailable,
            Reason = "why",
            Priority = 7,
            Isolations = [IsolationKind.Vlan],
            MaxMtu = 9000,
            Filtering = true,
            ShapedBy = ShapingMeans.Police,
            Features = [new KernelFeature("8021q", Availability.Missing, "Unknown device type")],
            Version = "1.2",
        };
        Assert.That(ProviderMapping.ToMessage(provider), Is.EqualTo(new V1.Provider
        {
            Name = "p",
            State = V1.ProviderState.Unavailable,
            Reason = "why",
            Priority = 7,
            Isolations = { V1.IsolationKind.Vlan },
            MaxMtu = 9000,
            Filtering = true,
            Shaping = true,
            KernelFeatures = { new V1.KernelFeature { Name = "8021q", State = V1.FeatureState.Missing, Reason = "Unknown device type" } },
            Version = "1.2",
        }));
        Assert.That(ProviderMapping.ToMessage(new Provider { Name = "p" }).HasMaxMtu, Is.False);
    }

    [Test]
    public void FeaturesOf_SeveralProviders_TellsEachFeatureOnce()
    {
        var (vlan, vxlan) = (new KernelFeature("vlan", Availability.Available, ""), new KernelFeature("vxlan", Availability.Unknown, "?"));
        Assert.That(
            ProviderMapping.FeaturesOf([new Provider { Name = "a", Features = [vxlan, vlan] }, new Provider { Name = "b", Features = [vlan] }]),
            Is.EqualTo(new[]
            {
                new V1.KernelFeature { Name = "vlan", State = V1.FeatureState.Available },
                new V1.KernelFeature { Name = "vxlan", State = V1.FeatureState.Unknown, Reason = "?" },
            }));
    }

    private static V1.LinkState LinkOf(Link link)
    {
        var state = HostState.Empty.ToBuilder();
        state.Put(link);
        return new LinkMapping(state.ToState(), Desired.Nothing, null).ToMessages().Single();
    }

    private static V1.HostState Tell(V1.GetStateRequest request) => HostStateMapping.ToMessage(View(), Problems, [], request, null, PortStateTests.Uncounted);

    private static Dictionary<string, string> Previous() => new() { ["net.ipv4.ip_forward"] = "0" };

    private static DataplaneView View()
    {
        var networks = new[] { "d", "b", "a", "c" }.Select(id => new Network { Id = id, PhysicalNetwork = "cloudbr0", Isolation = new UntaggedIsolation() });
        var config = HostConfig.Empty with
        {
            Networks = HostConfig.Empty.Networks.AddRange(networks.ToDictionary(n => n.Id)),
            Settings = new HostSettings { IpForward = true, Ipv4Neighbours = new NeighbourThresholds(null, 8192, null) },
        };
        return new DataplaneView
        {
            Desired = new Desired
            {
                Config = config,
                Networks = Desired.Nothing.Networks.Add("a", Design(config.Networks["a"])).Add("b", Design(config.Networks["b"])),
                Underlays = Desired.Nothing.Underlays.Add("cloudbr0", new Underlay("cloudbr0", "", 0, "eth0", 1500, null, [])),
            },
            State = State(),
            Providers = [],
            AsOf = DateTimeOffset.UnixEpoch,
            InForce = InForce(new Dictionary<string, string>(Previous()) { ["net.ipv6.conf.all.forwarding"] = "1" }),
        };
    }

    private static Generation InForce(Dictionary<string, string> previous) =>
        FakeDataplane.Generation(0, HostConfig.Empty) with { PreviousSettings = previous.ToImmutableDictionary(StringComparer.Ordinal) };

    private static NetworkDesign Design(Network network) => new()
    {
        Network = network,
        Provider = "linux-bridge",
        Alias = new Ownership(Ownership.Network, network.Id).Alias,
        Bridge = new KernelName("brenp129-abcdef", "brenp129s0f1np1-761"),
        Device = new KernelName("vxlan5", null),
        GuestMtu = 1450,
        WantedMtu = 1500,
        UnderlayMtu = 1500,
    };

    private static HostState State()
    {
        var state = HostState.Empty.ToBuilder();
        state.Put(new Link
        {
            Index = 5,
            Name = "br5",
            Kind = LinkKind.Bridge,
            Alias = "cloudbr:network:a",
            Bridge = new BridgeSettings(true, 2000, true, true, 8, 300_000),
        });
        state.Put(new Link
        {
            Index = 3,
            Name = "vxlan5",
            Kind = LinkKind.Vxlan,
            Alias = "cloudbr:network:a",
            Master = 5,
            Parent = 2,
            Vxlan = new VxlanSettings(5, 4789, IPAddress.Parse("192.0.2.11"), IPAddress.Parse("239.0.0.5"), 10, true),
        });
        state.Put(new Link
        {
            Index = 2,
            Name = "eth0",
            AltNames = ["enp2", "enp1"],
            Mac = MacAddress.Parse("02:00:00:00:00:01"),
            Mtu = 1500,
            Up = true,
            Carrier = true,
            OperState = OperState.Up,
        });
        state.Put(new Link { Index = 6, Name = "eth0.7", Kind = LinkKind.Vlan, Master = 5, Parent = 2, Vlan = new VlanSettings(7) });
        state.Put(new Link { Index = 7, Name = "cloud0", Kind = LinkKind.Bridge, Alias = "cloudbr:control:control" });
        state.Put(2, new InterfaceAddress(IpPrefix.Parse("192.0.2.11/24")));
        state.Put(2, new InterfaceAddress(IpPrefix.Parse("2001:db8::11/64")));
        state.PutSetting("net.ipv4.ip_forward", "0");
        return state.ToState();
    }
}
