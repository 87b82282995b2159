using Cloudbr.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace Cloudbr.Agent.Daemon.Tests.Mapping;

/// <summary>Messages with every field that this version takes set to something that is not its default.</summary>
internal static class Samples
{
    public static BridgeOptions Bridge() => new()
    {
        Stp = true,
        ForwardDelayMs = 2_000,
        Mac = "02:00:5e:10:00:01",
        MulticastSnooping = true,
        MulticastQuerier = true,
        GroupFwdMask = 16_384,
        AgeingMs = 60_000,
    };

    public static Network Vlan(string id = "net-1", uint vid = 100) => new()
    {
        Id = id,
        DisplayName = "web-tier",
        PhysicalNetwork = "cloudbr1",
        Vlan = new VlanIsolation { Vid = vid },
        GuestMtu = 1450,
        MtuPolicy = MtuPolicy.Fit,
        Bridge = Bridge(),
        Provider = "linux-bridge",
    };

    public static Network Multicast(string id = "net-2", uint vni = 101) => new()
    {
        Id = id,
        PhysicalNetwork = "cloudbr1",
        MtuPolicy = MtuPolicy.Require,
        Vxlan = new VxlanIsolation
        {
            Vni = vni,
            UdpPort = 8472,
            LocalAddress = "192.0.2.11",
            Multicast = new VxlanMulticast { Group = "239.0.0.101" },
            Ttl = 5,
        },
    };

    public static Network Static(string id = "net-3", uint vni = 102) => new()
    {
        Id = id,
        PhysicalNetwork = "cloudbr1",
        MtuPolicy = MtuPolicy.Require,
        Vxlan = new VxlanIsolation
        {
            Vni = vni,
            Static = new VxlanStatic
            {
                Peers = { new VxlanPeer { Address = "192.0.2.12" }, new VxlanPeer { Address = "192.0.2.13" } },
                Entries = { new VxlanForwardingEntry { Mac = "02:00:00:00:00:05", PeerAddress = "192.0.2.12" } },
                Learning = true,
            },
        },
    };

    public static Network Evpn(string id = "net-4", uint vni = 103) => new()
    {
        Id = id,
        PhysicalNetwork = "cloudbr1",
        MtuPolicy = MtuPolicy.Require,
        Vxlan = new VxlanIsolation { Vni = vni, LocalAddress = "2001:db8::11", Evpn = new VxlanEvpn { NeighbourSuppression = true } },
    };

    public static Network Untagged(string id = "net-5") =>
        new() { Id = id, PhysicalNetwork = "cloudbr1", MtuPolicy = MtuPolicy.Require, Untagged = new UntaggedIsolation() };

    public static PhysicalNetwork Physical(string label = "cloudbr1") => new()
    {
        Label = label,
        TrafficTypes = { TrafficType.Guest, TrafficType.Public, TrafficType.Storage, TrafficType.Management },
        Mode = PhysicalNetworkMode.Manage,
        Uplink = $"up-{label}",
        Mtu = 9000,
        Bridge = Bridge(),
        TunnelAddress = "192.0.2.11",
    };

    public static HostSettings Settings() => new()
    {
        IpForward = true,
        Ipv6Forward = true,
        BridgeNfCallIptables = true,
        BridgeNfCallIp6Tables = true,
        BridgeNfCallArptables = true,
        Ipv4Neighbours = new NeighbourThresholds { GcThresh1 = 4096, GcThresh2 = 8192, GcThresh3 = 16_384 },
        Ipv6Neighbours = new NeighbourThresholds { GcThresh1 = 1, GcThresh2 = 2, GcThresh3 = 3 },
        IgmpMaxMemberships = 1000,
    };

    public static HostConfig Config() => new()
    {
        PhysicalNetworks = { Physical("cloudbr0"), Physical() },
        Networks = { Vlan(), Multicast(), Static(), Evpn(), Untagged() },
        ControlNetwork = new ControlNetwork { Bridge = "cloud1", Address = "169.254.1.1/20", Mtu = 1400 },
        Settings = Settings(),
        Providers =
        {
            new ProviderSetting { Name = "linux-bridge", Enabled = true, Priority = 200 }, new ProviderSetting { Name = "openvswitch" },
        },
        Drift = new DriftPolicy { Mode = DriftMode.Observe, AuditInterval = new Duration { Seconds = 30, Nanos = 500 }, MaxHealsPerMinute = 7 },
    };

    public static ChangeOptions Change(string id = "request-1") => new() { RequestId = id };

    public static ApplyRequest Apply(HostConfig? config = null, string id = "request-1") => new() { Change = Change(id), Config = config ?? Config() };

    public static ImplementRequest Implement(Network? network = null, string id = "request-1") =>
        new() { Change = Change(id), Network = network ?? Vlan() };
}
