using Cloudbr.Agent.Core.Model;
using Cloudbr.Agent.Core.Model.Changes;
using Cloudbr.Agent.Core.Validation;
using Cloudbr.Agent.Daemon.Mapping;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

internal sealed class HostConfigMappingTests
{
    private static readonly string[] NotYet = ["ports", "address_groups", "host_access", "probing", "security"];

    [Test]
    public void Config_EveryFieldSet_ComesBackAsItWas()
    {
        var errors = new RequestErrors();
        Assert.That(RoundTrip(Samples.Config(), errors), Is.EqualTo(Samples.Config()));
        Assert.That((errors.Wrong.Found, errors.NotYet.Found), Is.EqualTo((Array.Empty<Violation>(), Array.Empty<Violation>())));
    }

    [Test]
    public void Samples_SetEveryFieldOfTheContractThatThisVersionTakes()
    {
        var unset = new SortedSet<string>(StringComparer.Ordinal);
        var set = new SortedSet<string>(StringComparer.Ordinal);
        Note(Samples.Config());
        Assert.That(unset.Except(set), Is.Empty);
        Assert.That(set, Has.Count.GreaterThan(50));

        void Note(IMessage message)
        {
            foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(f => !NotYet.Contains(f.Name)))
            {
                var value = field.Accessor.GetValue(message);
                var children = field.FieldType != FieldType.Message ? [] : field.IsRepeated
                    ? ((System.Collections.IList)value).Cast<IMessage>()
                    : value is IMessage child ? [child] : [];
                var isSet = field.IsRepeated ? ((System.Collections.IList)value).Count > 0
                    : field.HasPresence ? field.Accessor.HasValue(message)
                    : !Equals(value, field.FieldType == FieldType.String ? "" : Activator.CreateInstance(value.GetType()));
                (isSet ? set : unset).Add($"{message.Descriptor.Name}.{field.Name}");
                foreach (var part in children)
                {
                    Note(part);
                }
            }
        }
    }

    [Test]
    public void Config_NothingSet_StaysUnset()
    {
        var bare = new V1.HostConfig
        {
            PhysicalNetworks = { new V1.PhysicalNetwork { Label = "a", Mode = V1.PhysicalNetworkMode.CheckOnly, Bridge = new V1.BridgeOptions() } },
            Networks =
            {
                new V1.Network { Id = "a", Vlan = new V1.VlanIsolation(), MtuPolicy = V1.MtuPolicy.Require, Bridge = new V1.BridgeOptions() },
                new V1.Network { Id = "b", Vxlan = new V1.VxlanIsolation { Static = new V1.VxlanStatic() }, MtuPolicy = V1.MtuPolicy.Require },
                new V1.Network { Id = "c", Vxlan = new V1.VxlanIsolation { Evpn = new V1.VxlanEvpn() }, MtuPolicy = V1.MtuPolicy.Require },
                new V1.Network { Id = "d", Vxlan = new V1.VxlanIsolation { Multicast = new V1.VxlanMulticast() }, MtuPolicy = V1.MtuPolicy.Require },
            },
            Settings = new V1.HostSettings { Ipv4Neighbours = new V1.NeighbourThresholds() },
        };
        Assert.That(RoundTrip(bare, new RequestErrors()), Is.EqualTo(bare));
        Assert.That(RoundTrip(new V1.HostConfig(), new RequestErrors()), Is.EqualTo(new V1.HostConfig()));
    }

    [Test]
    public void Config_OffAndZero_AreNotTakenForUnset()
    {
        var off = new V1.HostConfig
        {
            PhysicalNetworks =
            {
                new V1.PhysicalNetwork
                {
                    Label = "a",
                    Mode = V1.PhysicalNetworkMode.CheckOnly,
                    Mtu = 0,
                    Bridge = new V1.BridgeOptions
                    {
                        Stp = false, ForwardDelayMs = 0, MulticastSnooping = false, MulticastQuerier = false, GroupFwdMask = 0, AgeingMs = 0,
                    },
                },
            },
            Settings = new V1.HostSettings
            {
                IpForward = false,
                Ipv6Forward = false,
                BridgeNfCallIptables = false,
                BridgeNfCallIp6Tables = false,
                BridgeNfCallArptables = false,
                Ipv4Neighbours = new V1.NeighbourThresholds { GcThresh1 = 0, GcThresh2 = 0, GcThresh3 = 0 },
                IgmpMaxMemberships = 0,
            },
            Providers = { new V1.ProviderSetting { Name = "p", Enabled = false, Priority = 0 } },
        };
        Assert.That(RoundTrip(off, new RequestErrors()), Is.EqualTo(off));
    }

    [Test]
    public void Config_UnspecifiedValues_AreWhatTheContractSaysTheyMean()
    {
        var config = new V1.HostConfig
        {
            PhysicalNetworks = { new V1.PhysicalNetwork { Label = "a" } },
            Networks = { new V1.Network { Id = "a", Untagged = new V1.UntaggedIsolation() } },
            ControlNetwork = new V1.ControlNetwork(),
            Drift = new V1.DriftPolicy(),
        };
        var back = RoundTrip(config, new RequestErrors());
        Assert.That(back.PhysicalNetworks[0].Mode, Is.EqualTo(V1.PhysicalNetworkMode.CheckOnly));
        Assert.That(back.Networks[0].MtuPolicy, Is.EqualTo(V1.MtuPolicy.Require));
        Assert.That(back.ControlNetwork, Is.EqualTo(new V1.ControlNetwork { Bridge = "cloud0", Address = "169.254.0.1/16" }));
        Assert.That(
            back.Drift,
            Is.EqualTo(new V1.DriftPolicy { Mode = V1.DriftMode.Heal, AuditInterval = new Duration { Seconds = 60 }, MaxHealsPerMinute = 5 }));
    }

    [Test]
    public void ToMessage_IsSortedWhateverTheOrderWas()
    {
        var config = Samples.Config();
        var backwards = config.Clone();
        backwards.Networks.Clear();
        backwards.Networks.Add(config.Networks.Reverse());
        backwards.PhysicalNetworks.Clear();
        backwards.PhysicalNetworks.Add(config.PhysicalNetworks.Reverse());
        backwards.Providers.Clear();
        backwards.Providers.Add(config.Providers.Reverse());
        Assert.That(RoundTrip(backwards, new RequestErrors()), Is.EqualTo(config));
    }

    [Property(MaxTest = 200)]
    public void Config_AnyNumbers_ComeBackAsTheyWere(uint a, uint b, uint c, bool on)
    {
        var config = new V1.HostConfig
        {
            Networks =
            {
                new V1.Network { Id = "a", MtuPolicy = V1.MtuPolicy.Fit, GuestMtu = a, Vlan = new V1.VlanIsolation { Vid = b } },
                new V1.Network
                {
                    Id = "b",
                    MtuPolicy = V1.MtuPolicy.Fit,
                    Vxlan = new V1.VxlanIsolation { Vni = a, UdpPort = b, Ttl = c, Evpn = new V1.VxlanEvpn { NeighbourSuppression = on } },
                    Bridge = new V1.BridgeOptions { Stp = on, ForwardDelayMs = c, AgeingMs = b, GroupFwdMask = a },
                },
            },
            Settings = new V1.HostSettings { IpForward = on, IgmpMaxMemberships = a, Ipv6Neighbours = new V1.NeighbourThresholds { GcThresh2 = b } },
            Providers = { new V1.ProviderSetting { Name = "p", Enabled = on, Priority = c } },
        };
        Assert.That(RoundTrip(config, new RequestErrors()), Is.EqualTo(config));
    }

    private static IEnumerable<TestCaseData> Unreadable { get; } =
    [
        Of(c => c.Networks[0].ClearIsolation(), "networks[0].isolation", "is required: one of untagged, vlan, vxlan"),
        Of(c => c.Networks[1].Vxlan.ClearMode(), "networks[1].vxlan.mode", "is required: one of multicast, static, evpn"),
        Of(c => c.Networks[1].Vxlan.LocalAddress = "192.0.2", "networks[1].vxlan.local_address", "'192.0.2' is no IPv4 or IPv6 address"),
        Of(c => c.Networks[1].Vxlan.Multicast.Group = "here", "networks[1].vxlan.multicast.group", "'here' is no IPv4 or IPv6 address"),
        Of(c => c.Networks[2].Vxlan.Static.Peers[1].Address = "", "networks[2].vxlan.static.peers[1].address", "is required"),
        Of(
            c => c.Networks[2].Vxlan.Static.Peers[0].Address = "192.0.2.012",
            "networks[2].vxlan.static.peers[0].address",
            "'192.0.2.012' is no IPv4 or IPv6 address"),
        Of(
            c => c.Networks[2].Vxlan.Static.Entries[0].PeerAddress = "fe80::1%eth0",
            "networks[2].vxlan.static.entries[0].peer_address",
            "'fe80::1%eth0' is no IPv4 or IPv6 address"),
        Of(
            c => c.Networks[2].Vxlan.Static.Entries[0].Mac = "02-00-00-00-00-05",
            "networks[2].vxlan.static.entries[0].mac",
            "'02-00-00-00-00-05' is no MAC address; write it as 02:00:5e:10:00:01"),
        Of(c => c.Networks[2].Vxlan.Static.Entries[0].Mac = "", "networks[2].vxlan.static.entries[0].mac", "is required"),
        Of(c => c.Networks[0].MtuPolicy = (V1.MtuPolicy)9, "networks[0].mtu_policy", "9 is no MtuPolicy that this agent knows"),
        Of(c => c.Networks[0].Bridge.Mac = "x", "networks[0].bridge.mac", "'x' is no MAC address; write it as 02:00:5e:10:00:01"),
        Of(
            c => c.Networks[0].Security = new V1.NetworkSecurity { Mode = (V1.NetworkSecurityMode)9 },
            "networks[0].security.mode",
            "9 is no NetworkSecurityMode that this agent knows"),
        Of(c => c.PhysicalNetworks[0].TrafficTypes[1] = V1.TrafficType.Unspecified, "physical_networks[0].traffic_types[1]", "is required"),
        Of(c => c.PhysicalNetworks[0].TrafficTypes[1] = (V1.TrafficType)9, "physical_networks[0].traffic_types[1]", "9 is no TrafficType that this agent knows"),
        Of(c => c.PhysicalNetworks[1].Mode = (V1.PhysicalNetworkMode)9, "physical_networks[1].mode", "9 is no PhysicalNetworkMode that this agent knows"),
        Of(c => c.PhysicalNetworks[1].TunnelAddress = "1", "physical_networks[1].tunnel_address", "'1' is no IPv4 or IPv6 address"),
        Of(c => c.Drift.Mode = (V1.DriftMode)9, "drift.mode", "9 is no DriftMode that this agent knows"),
        Of(c => c.Drift.AuditInterval = new Duration { Seconds = 1, Nanos = -1 }, "drift.audit_interval", "1 s and -1 ns make no duration"),
        Of(c => c.Drift.AuditInterval = new Duration { Seconds = 4 }, "drift.audit_interval", "4 s is not between 5 s and 1 day"),
        Of(c => c.Drift.MaxHealsPerMinute = uint.MaxValue, "drift.max_heals_per_minute", "4294967295 is not between 1 and 600"),
        Of(
            c => c.ControlNetwork.Address = "169.254.0.1",
            "control_network.address",
            "'169.254.0.1' is no address with a prefix length; write it as 169.254.0.1/16"),
        Of(
            c => c.ControlNetwork.Address = "169.254.0.1/33",
            "control_network.address",
            "'169.254.0.1/33' is no address with a prefix length; write it as 169.254.0.1/16"),
    ];

    [TestCaseSource(nameof(Unreadable))]
    public void ToDraft_Unreadable_SaysWhereAndWhyAndNothingElse(Action<V1.HostConfig> spoil, string field, string reason)
    {
        var config = Samples.Config();
        spoil(config);
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(config, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, Core.Model.Config.HostConfig.Empty, HostState.Empty, "config", errors.Wrong);
        Assert.That(errors.Wrong.Found, Is.EqualTo(new[] { new Violation($"config.{field}", reason) }));
        Assert.That(errors.NotYet.Found, Is.Empty);
    }

    [Test]
    public void ToDraft_SeveralUnreadable_AreAllFoundBesideBrokenRules()
    {
        var config = Samples.Config();
        config.Networks[0].ClearIsolation();
        config.Networks[0].Id = "";
        config.Networks[2].Vxlan.Vni = 0;
        config.Networks[2].Vxlan.Static.Peers[1].Address = "x";
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(config, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, Core.Model.Config.HostConfig.Empty, HostState.Empty, "config", errors.Wrong);
        Assert.That(errors.Wrong.Found.Select(v => v.FieldPath), Is.EquivalentTo(new[]
        {
            "config.networks[0].isolation", "config.networks[0].id", "config.networks[2].vxlan.vni", "config.networks[2].vxlan.static.peers[1].address",
        }));
    }

    private static IEnumerable<TestCaseData> Later { get; } =
    [
        Asking(c => c.Ports.Add(new V1.Port()), "ports"),
        Asking(c => c.AddressGroups.Add(new V1.AddressGroup()), "address_groups"),
        Asking(c => c.HostAccess = new V1.HostAccess(), "host_access"),
        Asking(c => c.Probing = new V1.PathProbing(), "probing"),
        Asking(c => c.Networks[1].Security = new V1.NetworkSecurity { Mode = V1.NetworkSecurityMode.SecurityGroups }, "networks[1].security.mode"),
        Asking(c => c.Networks[1].Security = new V1.NetworkSecurity { ExtraEthertypes = { 35020 } }, "networks[1].security.extra_ethertypes"),
    ];

    [TestCaseSource(nameof(Later))]
    public void ToDraft_WhatIsNotYet_IsToldApart(Action<V1.HostConfig> ask, string field)
    {
        var config = Samples.Config();
        ask(config);
        var errors = new RequestErrors();
        HostConfigMapping.ToDraft(config, "config", errors);
        Assert.That(errors.Wrong.Found, Is.Empty);
        Assert.That(errors.NotYet.Found.Select(v => v.FieldPath), Is.EqualTo(new[] { $"config.{field}" }));
    }

    [TestCase(V1.NetworkSecurityMode.Unspecified)]
    [TestCase(V1.NetworkSecurityMode.None)]
    public void ToDraft_NoSecurity_IsTaken(V1.NetworkSecurityMode mode)
    {
        var config = Samples.Config();
        config.Networks[0].Security = new V1.NetworkSecurity { Mode = mode };
        var errors = new RequestErrors();
        HostConfigMapping.ToDraft(config, "config", errors);
        Assert.That((errors.Wrong.Any, errors.NotYet.Any), Is.EqualTo((false, false)));
    }

    [Test]
    public void Config_ThousandNetworksAgain_AllocatesLittleForEach()
    {
        var message = new V1.HostConfig { PhysicalNetworks = { Samples.Physical() } };
        message.Networks.Add(Enumerable.Range(1, 1000).Select(i => Samples.Multicast($"net-{i}", (uint)i)));
        var inForce = Read(message, Core.Model.Config.HostConfig.Empty);
        Read(message, inForce);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var again = Read(message, inForce);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(again.Networks, Is.SameAs(inForce.Networks));
        Assert.That(allocated / 1000, Is.LessThan(700), "bytes for each network");
    }

    private static Core.Model.Config.HostConfig Read(V1.HostConfig message, Core.Model.Config.HostConfig inForce)
    {
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(message, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, inForce, HostState.Empty, "config", errors.Wrong);
        Assert.That(errors.Wrong.Found, Is.Empty);
        return draft.ToConfig(inForce, ReplaceConfig.AllSections);
    }

    private static V1.HostConfig RoundTrip(V1.HostConfig config, RequestErrors errors) => HostConfigMapping.ToMessage(
        HostConfigMapping.ToDraft(config, "config", errors).ToConfig(Core.Model.Config.HostConfig.Empty, ReplaceConfig.AllSections),
        ReplaceConfig.AllSections);

    private static TestCaseData Of(Action<V1.HostConfig> spoil, string field, string reason) =>
        new TestCaseData(spoil, field, reason).SetArgDisplayNames(field, reason);

    private static TestCaseData Asking(Action<V1.HostConfig> ask, string field) => new TestCaseData(ask, field).SetArgDisplayNames(field);
}
