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
    private static readonly string[] NotYet = ["probing"];

    [Test]
    public void Config_EveryFieldSet_ComesBackAsItWas()
    {
        var errors = new RequestErrors();
        Assert.That(RoundTrip(Samples.Whole(), errors), Is.EqualTo(Samples.Whole()));
        Assert.That((errors.Wrong.Found, errors.NotYet.Found), Is.EqualTo((Array.Empty<Violation>(), Array.Empty<Violation>())));
    }

    [Test]
    public void Samples_SetEveryFieldOfTheContractThatThisVersionTakes()
    {
        var unset = new SortedSet<string>(StringComparer.Ordinal);
        var set = new SortedSet<string>(StringComparer.Ordinal);
        Note(Samples.Whole());
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
            Ports =
            {
                new V1.Port { NicId = "a", Mac = "02:00:00:00:00:01", Isolation = V1.PortIsolation.Promiscuous },
                new V1.Port
                {
                    NicId = "b",
                    Mac = "02:00:00:00:00:02",
                    Isolation = V1.PortIsolation.Promiscuous,
                    Security = new V1.PortSecurity
                    {
                        Ingress = { new V1.SecurityRule { Protocol = V1.RuleProtocol.Icmpv6, Icmp = new V1.IcmpMatch() } },
                        EgressDefault = V1.EgressDefault.AllowUntilRule,
                    },
                    AllowedPairs = { new V1.AllowedPair() },
                    RateLimit = new V1.RateLimit(),
                },
            },
            AddressGroups = { new V1.AddressGroup { Name = "g" } },
            HostAccess = new V1.HostAccess(),
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
            Ports =
            {
                new V1.Port
                {
                    NicId = "a",
                    Mac = "02:00:00:00:00:01",
                    Isolation = V1.PortIsolation.Promiscuous,
                    Security = new V1.PortSecurity
                    {
                        Egress =
                        {
                            new V1.SecurityRule { Protocol = V1.RuleProtocol.Tcp, Ports = new V1.PortRange() },
                            new V1.SecurityRule { Protocol = V1.RuleProtocol.Icmp, Icmp = new V1.IcmpMatch { Type = 0, Code = 0 } },
                            new V1.SecurityRule { Protocol = V1.RuleProtocol.Number, ProtocolNumber = 2 },
                        },
                        EgressDefault = V1.EgressDefault.AllowUntilRule,
                        AllowDns = false,
                    },
                    RateLimit = new V1.RateLimit { ToGuest = new V1.Rate { BurstBytes = 0 } },
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
            Ports =
            {
                new V1.Port
                {
                    NicId = "a",
                    Mac = "02:00:00:00:00:01",
                    Security = new V1.PortSecurity
                    {
                        ConnectionLimit = new V1.ConnectionLimit { NewPerSecond = 5 }, DropLogging = new V1.DropLogging { NflogGroup = 3 },
                    },
                },
            },
            ControlNetwork = new V1.ControlNetwork(),
            Drift = new V1.DriftPolicy(),
        };
        var back = RoundTrip(config, new RequestErrors());
        Assert.That(back.PhysicalNetworks[0].Mode, Is.EqualTo(V1.PhysicalNetworkMode.CheckOnly));
        Assert.That(back.Networks[0].MtuPolicy, Is.EqualTo(V1.MtuPolicy.Require));
        Assert.That(back.Ports[0].Isolation, Is.EqualTo(V1.PortIsolation.Promiscuous));
        Assert.That(back.Ports[0].Security, Is.EqualTo(new V1.PortSecurity
        {
            EgressDefault = V1.EgressDefault.AllowUntilRule,
            ConnectionLimit = new V1.ConnectionLimit { NewPerSecond = 5, Burst = 5 },
            DropLogging = new V1.DropLogging { NflogGroup = 3, PacketsPerSecond = 10 },
        }));
        Assert.That(back.ControlNetwork, Is.EqualTo(new V1.ControlNetwork { Bridge = "cloud0", Address = "169.254.0.1/16" }));
        Assert.That(
            back.Drift,
            Is.EqualTo(new V1.DriftPolicy { Mode = V1.DriftMode.Heal, AuditInterval = new Duration { Seconds = 60 }, MaxHealsPerMinute = 5 }));
    }

    [Test]
    public void ToMessage_IsSortedWhateverTheOrderWas()
    {
        var config = Samples.Whole();
        var backwards = config.Clone();
        backwards.Networks.Clear();
        backwards.Networks.Add(config.Networks.Reverse());
        backwards.Ports.Clear();
        backwards.Ports.Add(config.Ports.Reverse());
        backwards.AddressGroups.Clear();
        backwards.AddressGroups.Add(config.AddressGroups.Reverse());
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
        Of(
            c => c.Networks[1].Security = new V1.NetworkSecurity { ExtraEthertypes = { 35020 } },
            "networks[1].security.extra_ethertypes",
            "is refused without SECURITY_GROUPS: nothing is filtered"),
        Of(c => c.Ports[0].Mac = "", "ports[0].mac", "is required"),
        Of(c => c.Ports[1].Mac = "x", "ports[1].mac", "'x' is no MAC address; write it as 02:00:5e:10:00:01"),
        Of(c => c.Ports[0].Addresses[1] = "10.1.1", "ports[0].addresses[1]", "'10.1.1' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(c => c.Ports[0].Addresses[2] = "", "ports[0].addresses[2]", "is required"),
        Of(c => c.Ports[0].Isolation = (V1.PortIsolation)9, "ports[0].isolation", "9 is no PortIsolation that this agent knows"),
        Of(c => c.Ports[0].AllowedPairs[0].Mac = "y", "ports[0].allowed_pairs[0].mac", "'y' is no MAC address; write it as 02:00:5e:10:00:01"),
        Of(
            c => c.Ports[0].AllowedPairs[0].Addresses[0] = "fe80::1%eth0",
            "ports[0].allowed_pairs[0].addresses[0]",
            "'fe80::1%eth0' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(c => c.Ports[0].RateLimit.ToGuest.RateBps = ulong.MaxValue, "ports[0].rate_limit.to_guest.rate_bps", "18446744073709551615 is not between 8000 and 400000000000"),
        Of(c => c.Ports[0].Security.EgressDefault = (V1.EgressDefault)9, "ports[0].security.egress_default", "9 is no EgressDefault that this agent knows"),
        Of(c => c.Ports[0].Security.ConnectionLimit.NewPerSecond = 0, "ports[0].security.connection_limit.new_per_second", "0 is not between 1 and 10000"),
        Of(c => c.Ports[0].Security.Ingress[0].Protocol = V1.RuleProtocol.Unspecified, "ports[0].security.ingress[0].protocol", "is required"),
        Of(c => c.Ports[0].Security.Ingress[1].Protocol = (V1.RuleProtocol)99, "ports[0].security.ingress[1].protocol", "99 is no RuleProtocol that this agent knows"),
        Of(c => c.Ports[0].Security.Ingress[0].ProtocolNumber = 6, "ports[0].security.ingress[0].protocol_number", "is only for protocol NUMBER"),
        Of(c => c.Ports[0].Security.Egress[0].ProtocolNumber = 256, "ports[0].security.egress[0].protocol_number", "256 is not between 1 and 255"),
        Of(c => (c.Ports[0].Security.Egress[0].Protocol, c.Ports[0].Security.Egress[0].ProtocolNumber) = (V1.RuleProtocol.Number, 0), "ports[0].security.egress[0].protocol_number", "0 is not between 1 and 255"),
        Of(c => c.Ports[0].Security.Ingress[1].Icmp.Type = 256, "ports[0].security.ingress[1].icmp.type", "256 is not between 0 and 255"),
        Of(c => c.Ports[0].Security.Ingress[1].Icmp.Code = 300, "ports[0].security.ingress[1].icmp.code", "300 is not between 0 and 255"),
        Of(c => c.Ports[0].Security.Ingress[1].Icmp.ClearType(), "ports[0].security.ingress[1].icmp.code", "goes with a type"),
        Of(c => c.Ports[0].Security.Ingress[0].Ports.Last = 79, "ports[0].security.ingress[0].ports.last", "79 is less than first, which is 80"),
        Of(
            c => c.Ports[0].Security.Ingress[0].Cidrs[1] = "2001:db8::/129",
            "ports[0].security.ingress[0].cidrs[1]",
            "'2001:db8::/129' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(
            c => c.Ports[0].Security.Ingress[1] = new V1.SecurityRule { Protocol = V1.RuleProtocol.Icmpv6, Cidrs = { "all" } },
            "ports[0].security.ingress[1].cidrs[0]",
            "'all' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(
            c => c.Ports[0].Security.Ingress[0].AddressGroups[0] = "sg-9",
            "ports[0].security.ingress[0].address_groups[0]",
            "there is no address group sg-9 in the config"),
        Of(c => c.AddressGroups[0].Members[1] = "fd00::/", "address_groups[0].members[1]", "'fd00::/' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(c => c.HostAccess.PeerCidrs[0] = "all", "host_access.peer_cidrs[0]", "'all' is no address or prefix; write it as 10.1.1.5 or 10.1.2.0/28"),
        Of(c => c.HostAccess.ManagementCidrs[0] = "192.0.2.1/28", "host_access.management_cidrs[0]", "192.0.2.1/28 has host bits: name the network, or a single address without a length"),
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
        var config = Samples.Whole();
        spoil(config);
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(config, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, Core.Model.Config.HostConfig.Empty, HostState.Empty, "config", errors.Wrong);
        Assert.That(errors.Wrong.Found, Is.EqualTo(new[] { new Violation($"config.{field}", reason) }));
        Assert.That(errors.NotYet.Found, Is.Empty);
    }

    [Test]
    public void ToDraft_SeveralUnreadableMacs_AreNotTakenForTheSame()
    {
        var config = Samples.Whole();
        config.Ports[0].Mac = config.Ports[1].Mac = "?";
        var errors = new RequestErrors();
        var draft = HostConfigMapping.ToDraft(config, "config", errors);
        HostConfigRules.Check(draft, ReplaceConfig.AllSections, Core.Model.Config.HostConfig.Empty, HostState.Empty, "config", errors.Wrong);
        Assert.That(errors.Wrong.Found.Select(v => v.FieldPath), Is.EqualTo(new[] { "config.ports[0].mac", "config.ports[1].mac" }));
    }

    [TestCase(6u, V1.RuleProtocol.Tcp)]
    [TestCase(17u, V1.RuleProtocol.Udp)]
    [TestCase(1u, V1.RuleProtocol.Icmp)]
    [TestCase(58u, V1.RuleProtocol.Icmpv6)]
    [TestCase(132u, V1.RuleProtocol.Sctp)]
    [TestCase(47u, V1.RuleProtocol.Gre)]
    [TestCase(50u, V1.RuleProtocol.Esp)]
    public void Config_ProtocolByNumberThatHasAName_IsShownByItsName(uint number, V1.RuleProtocol named)
    {
        var config = Samples.Whole();
        config.Ports[0].Security.Egress[0].ProtocolNumber = number;
        var rule = RoundTrip(config, new RequestErrors()).Ports[0].Security.Egress[0];
        Assert.That((rule.Protocol, rule.ProtocolNumber), Is.EqualTo((named, 0)));
        Assert.That(RoundTrip(RoundTrip(config, new RequestErrors()), new RequestErrors()).Ports[0].Security.Egress[0], Is.EqualTo(rule));
    }

    [Test]
    public void Config_AddressesOtherwiseWritten_AreShownInOneForm()
    {
        var config = Samples.Whole();
        config.Ports[0].Addresses[0] = "10.1.1.5/32";
        config.Ports[0].Addresses[2] = "FD00:0:0::5";
        Assert.That(RoundTrip(config, new RequestErrors()).Ports[0].Addresses, Is.EqualTo(Samples.Port().Addresses));
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
        Asking(c => c.Probing = new V1.PathProbing(), "probing"),
    ];

    [TestCaseSource(nameof(Later))]
    public void ToDraft_WhatIsNotYet_IsToldApart(Action<V1.HostConfig> ask, string field)
    {
        var config = Samples.Whole();
        ask(config);
        var errors = new RequestErrors();
        HostConfigMapping.ToDraft(config, "config", errors);
        Assert.That(errors.Wrong.Found, Is.Empty);
        Assert.That(errors.NotYet.Found.Select(v => v.FieldPath), Is.EqualTo(new[] { $"config.{field}" }));
    }

    [TestCase(V1.NetworkSecurityMode.Unspecified)]
    [TestCase(V1.NetworkSecurityMode.None)]
    public void ToDraft_NoSecurity_IsNone(V1.NetworkSecurityMode mode)
    {
        var config = Samples.Whole();
        config.Networks[0].Security = new V1.NetworkSecurity { Mode = mode };
        var errors = new RequestErrors();
        Assert.That(RoundTrip(config, errors).Networks[0].Security, Is.Null);
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
