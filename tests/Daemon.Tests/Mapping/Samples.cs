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

    /// <summary>A guest's NIC in a network with security groups.</summary>
    public static Port Port(string id = "nic-1", byte mac = 5, string network = "net-1") => new()
    {
        NicId = id,
        DisplayName = "i-2-34-VM eth0",
        NetworkId = network,
        Device = $"vnet{mac}",
        Mac = $"02:00:4c:00:00:{mac:x2}",
        Addresses = { "10.1.1.5", "10.1.2.0/28", "fd00::5" },
        Security = new PortSecurity
        {
            Ingress =
            {
                Web(),
                new SecurityRule { Id = "web-ping", Protocol = RuleProtocol.Icmp, Icmp = new IcmpMatch { Type = 8, Code = 0 }, Cidrs = { "0.0.0.0/0" } },
            },
            Egress = { new SecurityRule { Id = "ospf", Protocol = RuleProtocol.Number, ProtocolNumber = 89, Cidrs = { "10.0.0.0/8", "192.0.2.9" } } },
            EgressDefault = EgressDefault.Deny,
            AllowDns = true,
            ConnectionLimit = new ConnectionLimit { NewPerSecond = 100, Burst = 200 },
            DropLogging = new DropLogging { NflogGroup = 7, PacketsPerSecond = 20 },
            RuleCounters = true,
        },
        AllowedPairs = { new AllowedPair { Mac = "00:00:5e:00:01:0a", Addresses = { "10.1.1.1" }, AllowVrrp = true } },
        Isolation = PortIsolation.Isolated,
        RateLimit = new RateLimit
        {
            ToGuest = new Rate { RateBps = 200_000_000, BurstBytes = 65_536 }, FromGuest = new Rate { RateBps = 400_000_000_000, BurstBytes = 268_435_456 },
        },
    };

    public static SecurityRule Web() => new()
    {
        Id = "web",
        Protocol = RuleProtocol.Tcp,
        Ports = new PortRange { First = 80, Last = 443 },
        Cidrs = { "10.0.0.0/8", "2001:db8::/32" },
        AddressGroups = { "sg-7" },
    };

    /// <summary>What it says of itself goes with no other rule.</summary>
    public static Port Untracked(string id = "nic-2", byte mac = 6, string network = "net-1") => new()
    {
        NicId = id,
        NetworkId = network,
        Mac = $"02:00:4c:00:00:{mac:x2}",
        Isolation = PortIsolation.Promiscuous,
        Security = new PortSecurity
        {
            Ingress = { new SecurityRule { Protocol = RuleProtocol.All, Cidrs = { "::/0" } } },
            EgressDefault = EgressDefault.AllowUntilRule,
            AllowDns = false,
            NoConnectionTracking = true,
        },
    };

    /// <summary>A system VM's, in a network that does not filter.</summary>
    public static Port Trusted(string id = "nic-3", byte mac = 7, string network = "net-2") =>
        new() { NicId = id, NetworkId = network, Mac = $"02:00:4c:00:00:{mac:x2}", Trusted = true, Isolation = PortIsolation.Promiscuous };

    public static AddressGroup Group(string name = "sg-7") => new() { Name = name, Members = { "10.1.1.5", "fd00::/64" } };

    public static PrepareRequest Prepare(Port? port = null, string id = "request-1") =>
        new() { Change = Change(id), Port = port ?? Port(), AddressGroups = { Group() } };

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

    /// <summary>With ports, in networks of which the first has security groups, and who may reach the host.</summary>
    public static HostConfig Whole()
    {
        var config = Config();
        config.Networks[0].Security = new NetworkSecurity { Mode = NetworkSecurityMode.SecurityGroups, ExtraEthertypes = { 35_020, 34_915 } };
        config.Ports.Add([Port(), Untracked(), Trusted()]);
        config.AddressGroups.Add([Group("sg-6"), Group()]);
        config.HostAccess = new HostAccess { ManagementCidrs = { "192.0.2.0/28", "2001:db8::7" }, PeerCidrs = { "192.0.2.0/24" } };
        return config;
    }

    public static ChangeOptions Change(string id = "request-1") => new() { RequestId = id };

    public static ApplyRequest Apply(HostConfig? config = null, string id = "request-1") => new() { Change = Change(id), Config = config ?? Config() };

    public static ImplementRequest Implement(Network? network = null, string id = "request-1") =>
        new() { Change = Change(id), Network = network ?? Vlan() };
}
